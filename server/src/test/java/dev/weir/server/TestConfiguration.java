// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.policy.InvalidFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Configurations as tests write them down. */
final class TestConfiguration {

  private TestConfiguration() {}

  static Configuration of(String yaml) {
    return of(yaml, Map.of());
  }

  static Configuration of(String yaml, Map<String, String> environment) {
    try {
      Path file = Files.createTempFile("weir", ".yaml");
      file.toFile().deleteOnExit();
      Files.writeString(file, yaml);
      return Configuration.read(file, environment);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is wrong with a text, without the name of its file. */
  static String problems(String yaml) {
    try {
      of(yaml);
      return "";
    } catch (InvalidFileException e) {
      return e.getMessage().replaceAll("(?m)^[^:]*weir[^:]*\\.yaml:", "");
    }
  }

  /**
   * Bounds that a test reaches soon.
   *
   * @param idle how long a connection may say nothing
   */
  static HttpLimits impatient(Duration idle) {
    return new HttpLimits(
        4_096, 65_536, 100_000, Duration.ofMillis(600), Duration.ofMillis(900), idle, 200, 150);
  }
}
