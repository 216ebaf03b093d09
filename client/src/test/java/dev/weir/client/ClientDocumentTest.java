// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.Ports;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The document's examples are those that compile and run. */
class ClientDocumentTest {

  private static final Pattern JAVA = Pattern.compile("(?ms)^```java\n(.*?)^```");

  private static String unindented(String text) {
    return text.replaceAll("(?m)^ +", "").strip();
  }

  @Test
  void javaExamples_areThoseThatRun() throws IOException {
    String source =
        unindented(Files.readString(Path.of("src/test/java/dev/weir/client/ClientExample.java")));
    List<String> examples =
        JAVA.matcher(Files.readString(Path.of("../docs/client.md")))
            .results()
            .map(example -> unindented(example.group(1)))
            .toList();
    assertThat(examples).hasSize(3).allMatch(source::contains);
  }

  @Test
  void examples_run() throws IOException {
    try (TestWeir weir = TestWeir.start()) {
      assertThat(ClientExample.one(weir.uri())).isEqualTo("welcome");
      assertThat(ClientExample.several(weir.uri()))
          .containsExactly("within_limit", "left 88", "back 6");
    }
    URI nobody = URI.create("http://127.0.0.1:" + Ports.free());
    assertThat(ClientExample.one(nobody)).isEqualTo("welcome");
    assertThat(ClientExample.share(nobody)).isTrue();
  }
}
