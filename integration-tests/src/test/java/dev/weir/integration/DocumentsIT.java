// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.RequiresProgram;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The commands in the documents do what is written there. A block marked {@code console} is typed
 * line by line, {@code …} stands for any text; a block below {@code <!-- file: NAME -->} is written
 * to that file; the first {@code weir serve} goes on in the background. Port 8080 is replaced by a
 * free one.
 */
@RequiresProgram({"bash", "curl"})
@Timeout(120)
final class DocumentsIT {

  private static final Path DISTRIBUTION =
      Path.of(System.getProperty("weir.home")).toAbsolutePath();
  private static final Path ROOT = DISTRIBUTION.resolve("../../../..").normalize();
  private static final Pattern BLOCK =
      Pattern.compile("(?ms)(?:^<!-- file: (\\S+) -->\n)?^```(\\w+)\n(.*?)^```$");

  @TempDir private Path folder;
  private int port;
  private int lastStatus;
  private Process server;

  private record Typed(String command, String expected) {}

  @BeforeEach
  void choosePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
  }

  @AfterEach
  void stopServer() throws InterruptedException {
    if (server != null) {
      server.destroy();
      if (!server.waitFor(20, TimeUnit.SECONDS)) {
        server.destroyForcibly();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/cli.md"})
  void commands_typed_answerAsWritten(String document) throws Exception {
    String text = Files.readString(ROOT.resolve(document), UTF_8);
    int commands = 0;
    for (Matcher block = BLOCK.matcher(text); block.find(); ) {
      if (block.group(1) != null) {
        Files.writeString(folder.resolve(block.group(1)), block.group(3), UTF_8);
      } else if (block.group(2).equals("console")) {
        for (Typed typed : typed(block.group(3))) {
          check(typed);
          commands++;
        }
      }
    }
    assertThat(commands).isPositive();
  }

  private void check(Typed typed) throws Exception {
    if (server == null && typed.command.matches("weir serve( --port \\d+)?")) {
      server = start(typed.command + (typed.command.contains("--port") ? "" : " --port " + port));
      return;
    }
    Process process = start("(exit " + lastStatus + "); " + typed.command);
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).as(typed.command).isTrue();
    lastStatus = process.exitValue();
    String pattern = "\\Q" + typed.expected.strip().replace("…", "\\E.*?\\Q") + "\\E";
    assertThat(output.strip()).as("$ %s", typed.command).matches(Pattern.compile(pattern));
  }

  private Process start(String command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("bash", "-c", command);
    boolean serves = command.startsWith("weir serve --port");
    if (serves) {
      // Without a shell in between, so that the program itself gets the signal.
      builder.command("bash", "-c", "exec " + command);
    }
    builder.directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("WEIR_PORT"));
    builder
        .environment()
        .merge("PATH", "", (path, none) -> DISTRIBUTION.resolve("bin") + ":" + path);
    if (serves) {
      builder.redirectOutput(folder.resolve("server.log").toFile());
    }
    Process process = builder.start();
    if (serves) {
      Awaitility.await()
          .atMost(20, TimeUnit.SECONDS)
          .pollInterval(20, TimeUnit.MILLISECONDS)
          .until(() -> !process.isAlive() || accepts());
      assertThat(process.isAlive()).as(command).isTrue();
    }
    return process;
  }

  private boolean accepts() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private List<Typed> typed(String block) {
    List<Typed> all = new ArrayList<>();
    String ported = block.replace("./weir", "weir").replace("8080", Integer.toString(port));
    // The program's own default is not in the text.
    ported =
        ported.replace(
            "weir check --domain", "weir check --url http://localhost:" + port + " --domain");
    for (String part : ported.split("(?m)^\\$ ")) {
      if (!part.isBlank()) {
        int end = part.indexOf('\n');
        all.add(new Typed(part.substring(0, end), part.substring(end + 1)));
      }
    }
    return all;
  }
}
