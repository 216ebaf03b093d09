// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How many lines of an access log does {@code weir simulate} replay in a minute? Beside it, in the
 * same run: reading the file and counting its line breaks, which is the least that anybody has to
 * do. Each figure is of the whole program, its start included.
 *
 * <p>{@code ./weir bench simulate [ROUNDS] [LINES]}, three rounds of ten million lines unless said;
 * the log takes 130 bytes a line in the folder for temporary files.
 */
final class SimulateBench {

  private static final String POLICY =
      """
      version: 1
      policies:
        - name: per-client
          domain: web
          match: { ip: "*" }
          key: [ip]
          limits:
            - { name: rate, rate: 2 per second burst 10 }
      """;

  private static final String FIVE =
      """
      version: 1
      policies:
        - name: per-client
          domain: web
          match: { ip: "*" }
          key: [ip]
          limits:
            - { name: second, rate: 2 per second burst 10 }
            - { name: hour, rate: 1000 per hour sliding }
            - { name: day, rate: 10000 per day fixed }
        - name: logins
          domain: web
          match: { path: /login, method: POST }
          key: [ip]
          limits: [5 per minute]
        - name: all
          domain: web
          limits: [100000 per second]
      """;

  private final Path program;
  private final int rounds;
  private final long lines;

  SimulateBench(Path program, int rounds, long lines) {
    this.program = program;
    this.rounds = rounds;
    this.lines = lines;
  }

  void run() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("weir-bench");
    try {
      Path log = folder.resolve("access.log");
      Path one = Files.writeString(folder.resolve("one.yaml"), POLICY, UTF_8);
      Path five = Files.writeString(folder.resolve("five.yaml"), FIVE, UTF_8);
      // Two thousand requests a second of ten thousand clients, some more often than others.
      finish(
          command(
              "--synthetic",
              "zipf",
              "--rate",
              "2000",
              "--keys",
              "10000",
              "--duration",
              lines / 2_000 + "s",
              "--write-log",
              log.toString()));
      Path json = folder.resolve("access.json");
      asJson(log, json);
      System.out.printf(
          Locale.ROOT, "%,d lines, %,d bytes; million lines/min%n", lines, Files.size(log));
      for (int round = 1; round <= rounds; round++) {
        figure(round, "reading and counting line breaks", () -> scan(log));
        figure(round, "combined, one limit", () -> replay(one, log));
        figure(round, "combined, five limits", () -> replay(five, log));
        figure(round, "combined, two policies compared", () -> compare(one, five, log));
        figure(round, "JSON lines, one limit", () -> replay(one, json));
      }
    } finally {
      Folders.delete(folder);
    }
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private void figure(int round, String name, Work work) throws IOException, InterruptedException {
    long start = System.nanoTime();
    work.run();
    double minutes = Duration.ofNanos(System.nanoTime() - start).toNanos() / 6e10;
    System.out.printf(Locale.ROOT, "%d  %-34s %8.1f%n", round, name, lines / minutes / 1e6);
  }

  private static void scan(Path log) throws IOException {
    byte[] bytes = new byte[262_144];
    long breaks = 0;
    try (InputStream in = Files.newInputStream(log)) {
      for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
        for (int i = 0; i < read; i++) {
          breaks += bytes[i] == '\n' ? 1 : 0;
        }
      }
    }
    if (breaks == 0) {
      throw new IllegalStateException("no line in " + log);
    }
  }

  private void replay(Path policy, Path log) throws IOException, InterruptedException {
    finish(command("--policy", policy.toString(), "--log", log.toString()));
  }

  private void compare(Path policy, Path other, Path log) throws IOException, InterruptedException {
    finish(
        command(
            "--policy", policy.toString(), "--compare", other.toString(), "--log", log.toString()));
  }

  private List<String> command(String... arguments) {
    List<String> command = new ArrayList<>(List.of(program.toString(), "simulate"));
    command.addAll(List.of(arguments));
    return command;
  }

  private static void finish(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " ended with " + process.exitValue());
    }
  }

  private static void asJson(Path log, Path json) throws IOException {
    try (var in = Files.newBufferedReader(log);
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(json), 1 << 20)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        int open = line.indexOf('[');
        int close = line.indexOf(']');
        int quote = line.indexOf('"');
        String written =
            "{\"time_local\":\""
                + line.substring(open + 1, close)
                + "\",\"remote_addr\":\""
                + line.substring(0, line.indexOf(' '))
                + "\",\"request\":\""
                + line.substring(quote + 1, line.indexOf('"', quote + 1))
                + "\",\"status\":200,\"request_time\":\"0.012\",\"http_user_agent\":\"agent\"}\n";
        out.write(written.getBytes(UTF_8));
      }
    }
  }
}
