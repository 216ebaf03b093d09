// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.Ports;
import dev.weir.redis.fixtures.RedisProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A bash that commands are typed into, with the program, a Redis and free ports at hand. For one
 * thread.
 */
final class TypingShell implements AutoCloseable {

  private static final Path PROGRAMS =
      Path.of(System.getProperty("weir.home")).toAbsolutePath().resolve("bin");

  /** Ports as the pages have them, of every server that one starts there. */
  private static final Pattern PORT =
      Pattern.compile("(?<![\\d.])(80[08]\\d|90[089]\\d|63[789]\\d|26379)(?![\\d.])");

  /** What goes on in the background even if no {@code &} says so: people have two terminals. */
  private static final Pattern SERVES = Pattern.compile("weir serve( --\\S+ \\S+)*");

  private static final Pattern LISTENS =
      Pattern.compile(
          "(?m) on \\w+://\\S+: |Ready to accept connections|Serving HTTP|^weir( serve)?: ");
  private static final int LAST = 2_000;
  private static final String END = "end of what was typed: ";

  /* The program's own ports stand in no text. */
  private static final String WEIR =
      """
      #!/bin/bash
      config=$(printf '%s\\n' "$@" | sed -n '/^--config$/{n;p;}')
      case "$*" in
        serve*--config*) grep -q '^listeners:' "$config" || export WEIR_PORT=@HTTP ;;
        serve*--envoy-config* | *--url* | *--policy*) ;;
        serve*) export WEIR_PORT=${WEIR_PORT:-@HTTP} WEIR_ADMIN_PORT=${WEIR_ADMIN_PORT:-@ADMIN} ;;
        check*) set -- "$@" --url http://localhost:@HTTP ;;
      esac
      exec @PROGRAMS/weir "$@"
      """;

  /* As at a terminal, answers have their kinds and numbers. */
  private static final String REDIS_CLI = "#!/bin/bash\nexec @PROGRAM --no-raw \"$@\"\n";
  private static final Pattern END_OF_JOB = Pattern.compile("(?m)^\\[\\d+][+-]? .*\\n");

  private final Path folder;
  private final Process bash;
  private final Writer in;
  private final BufferedReader out;
  private final Map<String, Integer> ports = new HashMap<>();
  private int started;

  private TypingShell(Path folder, Process bash) {
    this.folder = folder;
    this.bash = bash;
    this.in = bash.outputWriter(UTF_8);
    this.out = new BufferedReader(new InputStreamReader(bash.getInputStream(), UTF_8));
  }

  static TypingShell start(Path folder) throws IOException {
    Path tools = Files.createDirectories(folder.resolve(".tools"));
    Files.createSymbolicLink(tools.resolve("redis-server"), RedisProcess.program());
    ProcessBuilder builder = new ProcessBuilder("bash", "--norc");
    builder.directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("WEIR_"));
    builder.environment().merge("PATH", "", (path, none) -> tools + ":" + path);
    TypingShell shell = new TypingShell(folder, builder.start());
    shell.copyExamples();
    // With numbers for jobs, as at a terminal.
    String client = shell.run("set -m; command -v redis-cli");
    shell.tool("redis-cli", REDIS_CLI.replace("@PROGRAM", client));
    shell.tool(
        "weir",
        WEIR.replace("@PROGRAMS", PROGRAMS.toString())
            .replace("@HTTP", shell.port("8080"))
            .replace("@ADMIN", shell.port("9090")));
    assertThat(shell.run("hash -r")).isEmpty();
    return shell;
  }

  private void tool(String name, String script) throws IOException {
    Path file = folder.resolve(".tools").resolve(name);
    Files.writeString(file, script, UTF_8);
    assertThat(file.toFile().setExecutable(true)).as(name).isTrue();
  }

  /** The text as it holds for this shell: the program by its name, other ports. */
  String ported(String text) {
    return PORT.matcher(text.replace("./weir", "weir")).replaceAll(port -> port(port.group()));
  }

  private void copyExamples() throws IOException {
    Path from = Pages.ROOT.resolve("examples");
    for (String name : List.of("profiles", "proxies", "simulation", "topologies")) {
      try (Stream<Path> files = Files.walk(from.resolve(name))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Path copy = folder.resolve("examples").resolve(from.relativize(file));
          Files.createDirectories(copy.getParent());
          Files.writeString(copy, ported(Files.readString(file, UTF_8)), UTF_8);
        }
      }
    }
  }

  private String port(String usual) {
    return Integer.toString(ports.computeIfAbsent(usual, any -> Ports.free()));
  }

  /**
   * Types a command and returns what it says when it has ended or goes on in the background.
   *
   * @param answered whether something is to be said; a server of which nothing is goes on
   */
  String type(String command, boolean answered) throws IOException {
    boolean serves = !answered && SERVES.matcher(command).matches();
    if (serves || command.endsWith(" &")) {
      background(command.replaceFirst(" *&$", ""));
      return "";
    }
    return run(command);
  }

  private void background(String command) throws IOException {
    Path log = Files.createFile(folder.resolve(".tools/" + ++started + ".log"));
    assertThat(run(command + " >" + log + " 2>&1 &")).as(command).isEmpty();
    Awaitility.await(command)
        .atMost(60, TimeUnit.SECONDS)
        .pollInterval(20, TimeUnit.MILLISECONDS)
        .until(() -> LISTENS.matcher(Files.readString(log, UTF_8)).find() || accepts(command));
  }

  /** Whether a port that the command names is listened on; a server names its Redis, too. */
  private boolean accepts(String command) {
    if (command.contains("weir serve")) {
      return false;
    }
    for (int port : ports.values()) {
      if (command.contains(Integer.toString(port))) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
          return socket.isConnected();
        } catch (IOException nobodyYet) {
          return false;
        }
      }
    }
    return false;
  }

  private String run(String command) throws IOException {
    in.write("{ " + command + "\n} </dev/null\nweir_status=$?\nprintf '\\n" + END);
    in.write("%s\\n' $weir_status; (exit $weir_status)\n");
    in.flush();
    StringBuilder output = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(END)) {
        return END_OF_JOB.matcher(output).replaceAll("").strip();
      }
      output.append(line).append('\n');
    }
    throw new IOException("bash ended: " + output);
  }

  /** What the programs in the background have said last. */
  String background() throws IOException {
    StringBuilder said = new StringBuilder();
    for (int i = 1; i <= started; i++) {
      said.append(Files.readString(folder.resolve(".tools/" + i + ".log"), UTF_8));
    }
    return said.substring(Math.max(0, said.length() - LAST));
  }

  /** Ends what goes on in the background. */
  @Override
  public void close() throws IOException, InterruptedException {
    // Each job has a process group of its own, which also holds what its leader has started.
    in.write("for job in $(jobs -p); do kill -- -$job; done; wait\nexit\n");
    in.close();
    if (!bash.waitFor(30, TimeUnit.SECONDS)) {
      bash.descendants().forEach(ProcessHandle::destroyForcibly);
      bash.destroyForcibly();
    }
  }
}
