// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of the documents, run. */
class DocumentsTest {

  private static final Path DOCUMENTS = Path.of("../docs");
  private static final Pattern CALL =
      Pattern.compile("\\$ curl -s '?localhost:8080([^' ]*)'?(?: -d '([^']*)')?");

  private static List<String> blocks(String document, String language) throws IOException {
    Matcher matcher =
        Pattern.compile("(?ms)^```" + language + "\\R(.*?)^```")
            .matcher(Files.readString(DOCUMENTS.resolve(document)));
    List<String> blocks = new ArrayList<>();
    while (matcher.find()) {
      blocks.add(matcher.group(1));
    }
    return blocks;
  }

  /** What changes from run to run: moments, and receipts. */
  private static String steady(String answer) {
    return answer
        .replaceAll("\"resetAfterMillis\":[1-9]\\d*", "\"resetAfterMillis\":N")
        .replaceAll("\"receipts\":\\[\"[^\"]*\"]", "\"receipts\":[R]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http-api.md", "configuration.md"})
  void calls_answerWhatTheDocumentSays(String document) throws IOException {
    int calls = 0;
    try (TestServer server = TestServer.start()) {
      for (String block : blocks(document, "console")) {
        String[] lines = block.split("\\R", -1);
        for (int i = 0; i + 1 < lines.length; i += 2) {
          Matcher call = CALL.matcher(lines[i]);
          assertThat(call.matches()).as(lines[i]).isTrue();
          String body = call.group(2);
          HttpResponse<String> answer =
              body == null ? server.get(call.group(1)) : server.post(call.group(1), body);
          assertThat(steady(answer.body())).as(lines[i]).isEqualTo(steady(lines[i + 1]));
          calls++;
        }
      }
    }
    assertThat(calls).isPositive();
  }

  @Test
  void headsOfAnswers_areAsTheDocumentSays() throws IOException {
    Pattern call = Pattern.compile("\\$ curl -si '?localhost:8080([^' ]*)'?");
    int calls = 0;
    try (TestServer server = TestServer.start()) {
      HttpResponse<String> answer = null;
      for (String line : String.join("", blocks("proxies.md", "console")).split("\\R")) {
        Matcher matcher = call.matcher(line);
        if (matcher.matches()) {
          answer = server.get(matcher.group(1));
          calls++;
        } else if (line.startsWith("HTTP/1.1 ")) {
          assertThat(line).startsWith("HTTP/1.1 " + answer.statusCode() + " ");
        } else {
          String[] field = line.split(": ", 2);
          assertThat(answer.headers().firstValue(field[0])).as(line).hasValue(field[1]);
        }
      }
    }
    assertThat(calls).isEqualTo(2);
  }

  @Test
  void configurationThatNamesEveryDefault_isTheDefault() throws IOException {
    Configuration example = TestConfiguration.of(blocks("configuration.md", "yaml").getFirst());
    assertThat(example.limits()).isEqualTo(HttpLimits.DEFAULT);
    assertThat(example.drain()).isEqualTo(Configuration.DEFAULT_DRAIN);
  }
}
