// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.RequiresProgram;
import dev.weir.server.Configuration;
import dev.weir.server.ServeOptions;
import dev.weir.server.WeirServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The checks of {@code docs/clients.md} in other languages, with a Weir and without one. */
@DisplayName("The check in other languages")
@Timeout(400)
class ClientLanguagesTest {

  private static final Path DOCUMENT = Path.of("../docs/clients.md");

  @TempDir Path folder;

  @Test
  @RequiresProgram({"bash", "curl"})
  void curl() throws Exception {
    run("sh", "check.sh", "-m 0.25", "-m 20", List.of("bash", "check.sh"));
  }

  @Test
  @RequiresProgram("python3")
  void python() throws Exception {
    run("python", "check.py", "timeout=0.25", "timeout=20", List.of("python3", "check.py"));
  }

  @Test
  @RequiresProgram("go")
  void go() throws Exception {
    run("go", "check.go", "250 *", "20000 *", List.of("go", "run", "check.go"));
  }

  @Test
  @RequiresProgram("node")
  void node() throws Exception {
    run("js", "check.mjs", "timeout(250)", "timeout(20000)", List.of("node", "check.mjs"));
  }

  /** Runs an example with a deadline that a busy machine keeps. */
  private void run(
      String language, String file, String deadline, String longer, List<String> command)
      throws Exception {
    String example = block(language);
    String address = language.equals("python") ? "\"localhost\", 8080" : "localhost:8080";
    assertThat(example).contains(deadline).contains(address);
    String patient = example.replace(deadline, longer);
    ServeOptions options = ServeOptions.NONE.host("127.0.0.1").port(0).adminPort(0).eventLoops(1);
    int port;
    try (WeirServer weir = WeirServer.start(Configuration.of(options, Map.of()))) {
      port = weir.ports().values().iterator().next();
      String there = address.replace("localhost", "127.0.0.1").replace("8080", "" + port);
      Files.writeString(folder.resolve(file), patient.replace(address, there));
      assertThat(output(command)).isEqualTo(block("text"));
    }
    assertThat(output(command)).isEqualTo("allowed: fallback\nallowed: fallback\n");
  }

  private static String block(String language) throws IOException {
    Matcher matcher =
        Pattern.compile("(?ms)^```" + language + "\n(.*?)^```").matcher(Files.readString(DOCUMENT));
    assertThat(matcher.find()).as(language).isTrue();
    return matcher.group(1);
  }

  private String output(List<String> command) throws Exception {
    Path out = folder.resolve("out");
    Path errors = folder.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(errors.toFile());
    // What the examples need comes with the languages.
    builder.environment().putAll(Map.of("GOPROXY", "off", "GOTOOLCHAIN", "local"));
    Process process = builder.start();
    boolean ended = process.waitFor(180, TimeUnit.SECONDS);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    assertThat(ended).isTrue();
    assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
    return Files.readString(out);
  }
}
