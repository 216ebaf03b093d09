// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.Ports;
import dev.weir.redis.fixtures.RequiresProgram;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program as a process: signals and exit statuses. */
@RequiresProgram({"bash", "kill"})
@Timeout(300)
final class ProgramIT {

  private static final String PROGRAM =
      Path.of(System.getProperty("weir.home")).toAbsolutePath().resolve("bin/weir").toString();

  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void endProcesses() throws InterruptedException {
    for (Process process : processes) {
      process.destroy();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  @Test
  void serve_terminated_endsWithStatusZero() throws Exception {
    Process server = serve(Ports.free());

    signal("TERM", server);

    assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(server.exitValue()).as(text(server.getErrorStream())).isZero();
  }

  /* Which classes are being loaded when the class archive is written is a matter of chance. */
  @RepeatedTest(4)
  void serve_terminatedAtOnceWithoutClassArchive_endsWithStatusZero(@TempDir Path folder)
      throws Exception {
    int port = Ports.free();
    Path archive = folder.resolve("weir.jsa");
    Process server =
        start(
            Map.of("WEIR_CDS", archive.toString()),
            "serve",
            "--host",
            "127.0.0.1",
            "--port",
            Integer.toString(port),
            "--admin-port",
            "0");
    awaitAccepted(port, server);

    signal("TERM", server);

    assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(server.exitValue()).as(text(server.getErrorStream())).isZero();
    assertThat(archive).isNotEmptyFile();
  }

  @Test
  void serve_interrupted_endsWithStatusZero() throws Exception {
    Process server = serve(Ports.free());

    signal("INT", server);

    assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(server.exitValue()).as(text(server.getErrorStream())).isZero();
  }

  @Test
  void serve_portInUse_isOneLineAndStatusFour() throws Exception {
    int port = Ports.free();
    serve(port);

    Process second = start("serve", "--host", "127.0.0.1", "--port", Integer.toString(port));

    assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(second.exitValue()).isEqualTo(4);
    assertThat(text(second.getErrorStream()))
        .isEqualTo(
            "weir: cannot listen on 127.0.0.1:"
                + port
                + ": the port is in use (--port chooses another)\n");
  }

  @Test
  void load_interrupted_printsTheSummarySoFar() throws Exception {
    int port = Ports.free();
    serve(port);
    Process load =
        start(
            "load",
            "--url",
            "http://127.0.0.1:" + port + "/hello",
            "--rate",
            "200",
            "--seconds",
            "60");
    BufferedReader progress =
        new BufferedReader(new InputStreamReader(load.getErrorStream(), UTF_8));
    assertThat(progress.readLine()).matches(" +\\d+ s .*");

    signal("INT", load);

    assertThat(load.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(load.exitValue()).isEqualTo(130);
    assertThat(text(load.getInputStream()))
        .contains(" s, open loop of 200/s on at most 256 connections, interrupted\n", "  allowed ");
  }

  @Test
  void simulate_interrupted_printsTheResultSoFar(@TempDir Path folder) throws Exception {
    Path policies = folder.resolve("policies.yaml");
    Files.writeString(
        policies, "version: 1\npolicies: [{ name: all, domain: web, limits: [100 per minute] }]\n");
    Process simulate =
        start(
            "simulate",
            "--policy",
            policies.toString(),
            "--synthetic",
            "steady",
            "--rate",
            "100000",
            "--duration",
            "2h");
    BufferedReader progress =
        new BufferedReader(new InputStreamReader(simulate.getErrorStream(), UTF_8));
    assertThat(progress.readLine()).contains(" lines, ");

    signal("INT", simulate);

    assertThat(simulate.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(simulate.exitValue()).isEqualTo(130);
    assertThat(text(simulate.getInputStream())).contains(", interrupted", ": denied ");
  }

  private Process serve(int port) throws IOException {
    Process server = start("serve", "--host", "127.0.0.1", "--port", Integer.toString(port));
    awaitAccepted(port, server);
    return server;
  }

  private static void awaitAccepted(int port, Process server) {
    Awaitility.await()
        .atMost(60, TimeUnit.SECONDS)
        .pollInterval(1, TimeUnit.MILLISECONDS)
        .until(() -> !server.isAlive() || accepts(port));
  }

  private static boolean accepts(int port) {
    try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private Process start(String... arguments) throws IOException {
    return start(Map.of(), arguments);
  }

  private Process start(Map<String, String> environment, String... arguments) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(PROGRAM);
    builder.command().addAll(List.of(arguments));
    builder.environment().keySet().removeIf(name -> name.equals("WEIR_PORT"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private static void signal(String name, Process process) throws Exception {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
    assertThat(kill.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(kill.exitValue()).isZero();
  }

  private static String text(java.io.InputStream stream) throws IOException {
    return new String(stream.readAllBytes(), UTF_8);
  }
}
