// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Unswept;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The vectors are what the steps in Java answer; they can be written anew. */
final class VectorsTest {

  @Test
  void vectors_areWhatTheStepsInJavaAnswer() throws IOException {
    ManualTimeSource clock = ManualTimeSource.create();
    try (Probe probe = new Probe(Unswept.on(clock), clock)) {
      String replayed = Vectors.replay(probe);
      String target = System.getProperty("weir.vectors.write", "");
      if (!target.isEmpty()) {
        Files.writeString(Path.of(target), replayed);
      }
      assertThat(replayed).isEqualTo(Vectors.text());
    }
  }
}
