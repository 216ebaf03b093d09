// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code bin/weir} with a Java that only prints its arguments: which Java it picks, and what it
 * hands over.
 */
final class LauncherIT {
  private static final Path DISTRIBUTION = Path.of(System.getProperty("weir.home"));

  @TempDir private Path folder;
  private Path home;

  private record Outcome(int status, String output) {}

  @BeforeEach
  void copyLauncher() throws IOException {
    home = Files.createDirectories(folder.resolve("a home with spaces"));
    for (String file : List.of("bin/weir", "lib/find-java.sh", "lib/jvm.options")) {
      Path copy = home.resolve(file);
      Files.createDirectories(copy.getParent());
      Files.copy(DISTRIBUTION.resolve(file), copy);
    }
    assertThat(home.resolve("bin/weir").toFile().setExecutable(true)).isTrue();
  }

  @Test
  void start_fromALink_handsArgumentsOver() throws Exception {
    Path java = fakeJava("java 25", "25.0.1");
    Path link = Files.createSymbolicLink(folder.resolve("linked"), home.resolve("bin/weir"));

    Outcome outcome = run(link, Map.of("WEIR_JAVA_HOME", java.toString()), "check", "two words");

    assertThat(outcome.status()).isZero();
    assertThat(outcome.output().lines())
        .containsSubsequence(
            "-jar", home.toRealPath().resolve("lib/weir-cli.jar").toString(), "check", "two words")
        .contains("-XX:+UseParallelGC", "--sun-misc-unsafe-memory-access=allow");
  }

  @Test
  void start_onJava21_leavesLaterOptionsOut() throws Exception {
    Path java = fakeJava("java 21", "21.0.8");

    Outcome outcome = run(home.resolve("bin/weir"), Map.of("WEIR_JAVA_HOME", java.toString()));

    assertThat(outcome.status()).isZero();
    assertThat(outcome.output()).doesNotContain("--sun-misc-unsafe-memory-access");
  }

  @Test
  void start_moreOptions_comeAfterItsOwn() throws Exception {
    Path java = fakeJava("java 21", "21");

    Outcome outcome =
        run(
            home.resolve("bin/weir"),
            Map.of("JAVA_HOME", java.toString(), "WEIR_JAVA_OPTS", "-XX:+UseG1GC -Xmx64m"));

    assertThat(outcome.output().lines())
        .containsSubsequence("-XX:+UseParallelGC", "-XX:+UseG1GC", "-Xmx64m", "-jar");
  }

  @Test
  void start_chosenJavaTooOld_saysWhatWasFound() throws Exception {
    Path java = fakeJava("java 17", "17.0.15");

    Outcome outcome = run(home.resolve("bin/weir"), Map.of("WEIR_JAVA_HOME", java.toString()));

    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.output()).contains("(expected: the home of a Java >= 21)", "17.0.15");
  }

  @Test
  void start_secretInAFile_isHandedOver_unlessTheVariableIsSet() throws Exception {
    Path java = javaThatSays("$REDIS_URL $ADMIN_API_KEY");
    Path url = Files.writeString(folder.resolve("url"), "redis://:secret@redis:6379\n");
    Path key = Files.writeString(folder.resolve("key"), "of the file\n");

    Outcome outcome =
        run(
            home.resolve("bin/weir"),
            Map.of(
                "WEIR_JAVA_HOME",
                java.toString(),
                "REDIS_URL_FILE",
                url.toString(),
                "ADMIN_API_KEY",
                "its own",
                "ADMIN_API_KEY_FILE",
                key.toString()));

    assertThat(outcome.output()).isEqualTo("redis://:secret@redis:6379 its own\n");
  }

  @Test
  void start_secretInAFileThatIsNotThere_saysSo() throws Exception {
    Path java = javaThatSays("started");

    Outcome outcome =
        run(
            home.resolve("bin/weir"),
            Map.of("WEIR_JAVA_HOME", java.toString(), "WEIR_ADMIN_TOKEN_FILE", "/no/such"));

    assertThat(outcome.status()).isEqualTo(3);
    assertThat(outcome.output())
        .isEqualTo("weir: WEIR_ADMIN_TOKEN_FILE: /no/such (expected: a file that can be read)\n");
  }

  private Path javaThatSays(String words) throws IOException {
    Path java = fakeJava("java 25", "25");
    Files.writeString(java.resolve("bin/java"), "#!/bin/sh\necho \"" + words + "\"\n", UTF_8);
    return java;
  }

  private Path fakeJava(String name, String version) throws IOException {
    Path java = folder.resolve(name);
    Files.createDirectories(java.resolve("bin"));
    Files.writeString(java.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n", UTF_8);
    Path program = java.resolve("bin/java");
    Files.writeString(program, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n", UTF_8);
    assertThat(program.toFile().setExecutable(true)).isTrue();
    return java;
  }

  private static Outcome run(Path program, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(program.toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().keySet().removeIf(name -> name.startsWith("WEIR_"));
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return new Outcome(process.exitValue(), output);
  }
}
