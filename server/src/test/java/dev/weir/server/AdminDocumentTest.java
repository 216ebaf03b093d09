// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.server.admin.AdminSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The examples of the administration's document, run in order. */
class AdminDocumentTest {

  private static final Path DOCUMENT = Path.of("../docs/administration.md");
  private static final String TOKEN = "the-token-of-the-document";
  private static final Pattern CALL =
      Pattern.compile(
          "\\$ curl -s -H \"\\$auth\"(?: -X ([A-Z]+))?(?: --json '([^']*)')?"
              + " 'localhost:9090([^']*)'");

  /** A call and the answer that the document shows, where … stands for anything. */
  private record Example(String method, String body, String target, String answer) {}

  private static List<String> blocks(String language) throws Exception {
    Matcher matcher =
        Pattern.compile("(?ms)^```" + language + "\\R(.*?)^```")
            .matcher(Files.readString(DOCUMENT));
    List<String> blocks = new ArrayList<>();
    while (matcher.find()) {
      blocks.add(matcher.group(1));
    }
    return blocks;
  }

  private static List<Example> examples() throws Exception {
    List<Example> examples = new ArrayList<>();
    for (String block : blocks("console")) {
      String[] lines = block.split("\\R", -1);
      for (int i = 0; i < lines.length; i++) {
        if (lines[i].startsWith("$")) {
          Matcher call = CALL.matcher(lines[i]);
          assertThat(call.matches()).as(lines[i]).isTrue();
          String body = call.group(2) == null ? "" : call.group(2);
          String method = call.group(1) != null ? call.group(1) : body.isEmpty() ? "GET" : "POST";
          boolean told = i + 1 < lines.length && !lines[i + 1].startsWith("$");
          examples.add(new Example(method, body, call.group(3), told ? lines[i + 1] : ""));
        }
      }
    }
    return examples;
  }

  private static Pattern shown(String answer) {
    return Pattern.compile(
        Arrays.stream(answer.split("…", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
  }

  @Test
  void calls_answerWhatTheDocumentSays() throws Exception {
    List<Example> examples = examples();
    assertThat(examples).hasSizeGreaterThan(20);
    AdminSettings settings = AdminSettings.NONE.with(AdminSettings.token(TOKEN));
    try (TestServer server = TestServer.start(Configuration.defaults().administration(settings));
        // Whose requests have ended when their bodies are there.
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
      for (Example example : examples) {
        HttpRequest.Builder request =
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + server.port("admin") + example.target))
                .header("Authorization", "Bearer " + TOKEN)
                .method(
                    example.method,
                    example.body.isEmpty()
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(example.body));
        if (!example.body.isEmpty()) {
          request.header("Content-Type", "application/json");
        }
        HttpResponse<String> answer =
            client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as("%s: %s", example, answer.body()).isBetween(200, 204);
        assertThat(answer.body()).as("%s", example).matches(shown(example.answer));
      }
    }
  }

  @Test
  void configuration_isRead() throws Exception {
    for (String block : blocks("yaml")) {
      Path file = Files.createTempFile("weir", ".yaml");
      try {
        Files.writeString(file, block);
        Configuration read =
            Configuration.read(file, Map.of("WEIR_ADMIN_TOKEN", "sixteen-characters"));
        assertThat(read.administration().tokens()).hasSize(2);
      } finally {
        Files.delete(file);
      }
    }
  }
}
