// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static dev.weir.simulation.Logs.line;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page with the chart. */
final class ReportPageTest {

  private static final String HOSTILE =
      "</script><script>alert(1)</script><img/src=x/onerror=alert(2)>\u2028&quot;";

  private static String page() {
    String log = line(HOSTILE, 0).repeat(3) + HOSTILE + "\n" + line("a", 9);
    return ReportPage.of(Logs.byAddress(Logs.perClient("1 per day"), Logs.text(log)).build().run());
  }

  @Test
  void page_ofAHostileLog_hasItsOwnElementsOnly() {
    String page = page();
    assertThat(page.split("<script", -1)).hasSize(1 + 3);
    assertThat(page.split("</script", -1)).hasSize(1 + 3);
    assertThat(page).doesNotContain("<img").doesNotContain("\u2028");
  }

  @Test
  void page_ofAHostileLog_stillTellsWhatTheKeyIs() throws IOException {
    Matcher data =
        Pattern.compile(
                "<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL)
            .matcher(page());
    assertThat(data.find()).isTrue();
    List<String> texts = new ArrayList<>();
    try (JsonParser json = new JsonFactory().createParser(data.group(1))) {
      while (json.nextToken() != null) {
        texts.add(json.getText());
      }
    }
    assertThat(texts).contains(HOSTILE);
  }

  @Test
  void page_letsItsOwnScriptsRunOnly() throws NoSuchAlgorithmException {
    String page = page();
    Matcher policy = Pattern.compile("content=\"(default-src [^\"]*)\"").matcher(page);
    assertThat(policy.find()).isTrue();
    assertThat(policy.group(1)).startsWith("default-src 'none';").doesNotContain("unsafe");
    Matcher script = Pattern.compile("<(script|style)>(.*?)</\\1>", Pattern.DOTALL).matcher(page);
    int found = 0;
    while (script.find()) {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(script.group(2).getBytes(UTF_8));
      assertThat(policy.group(1))
          .contains("'sha256-" + Base64.getEncoder().encodeToString(digest) + "'");
      found++;
    }
    assertThat(found).isEqualTo(3);
  }

  @Test
  void page_loadsNothing() {
    assertThat(page()).doesNotContainPattern("(?i)<(link|iframe|img|script)[^>]*(src|href)=");
  }
}
