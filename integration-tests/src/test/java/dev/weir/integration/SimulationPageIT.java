// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.weir.redis.fixtures.RequiresProgram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The chart page of {@code weir simulate}, in a real browser. */
@RequiresProgram({"chromium", "node"})
@ExtendWith(Chromium.class)
@Timeout(300)
final class SimulationPageIT {

  private static final String PROGRAM =
      Path.of(System.getProperty("weir.home")).toAbsolutePath().resolve("bin/weir").toString();
  private static final String MARKUP = "<img/src=x/onerror=document.title='broken'>";

  @TempDir private Path folder;

  @Test
  void hostileLog_isDrawnAndRunsNothing(Browser browser) throws Exception {
    Path policies = folder.resolve("policies.yaml");
    Files.writeString(
        policies,
        """
        version: 1
        policies:
          - name: per-user
            domain: web
            match: { user: "*" }
            key: [user]
            limits: [1 per hour]
        """);
    Path log = folder.resolve("access.log");
    String line = "192.0.2.1 - %s [10/Oct/2025:13:55:36 +0000] \"GET / HTTP/1.1\" 200 1\n";
    Files.writeString(log, line.formatted(MARKUP).repeat(3) + MARKUP + "\n");
    Path chart = folder.resolve("chart.html");
    simulate("--policy", policies.toString(), "--log", log.toString(), "--chart", chart.toString());
    List<String> troubles = new CopyOnWriteArrayList<>();

    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.onConsoleMessage(message -> troubles.add(message.text()));
      page.onPageError(troubles::add);
      page.navigate(chart.toUri().toString());

      assertThat(page.getByText("Denied 2 of 3")).isVisible();
      assertThat(page.locator("canvas").first()).isVisible();
      assertThat(page.getByText(MARKUP).first()).isVisible();
      assertThat(page.locator("img")).hasCount(0);
      assertThat(page.title()).isNotEqualTo("broken");
      page.waitForFunction(DRAWN);
    }

    assertThat(troubles).isEmpty();
  }

  /** Whether any pixel of the chart has a colour. */
  private static final String DRAWN =
      """
      () => {
        const canvas = document.querySelector("canvas");
        const image = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return image.data.some((value) => value !== 0);
      }
      """;

  private static void simulate(String... arguments) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(PROGRAM, "simulate");
    builder.command().addAll(List.of(arguments));
    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }
}
