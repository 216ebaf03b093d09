// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Calls a service over gRPC from a process of its own, on one thread: in a closed loop, each
 * connection with its calls in flight, or in an open one, each call timed from the moment at which
 * it was due.
 */
final class GrpcLoad {

  /**
   * What is to be done.
   *
   * @param port of the server on the loopback address
   * @param pid of the server, whose processor time counts
   * @param calls what is asked
   * @param connections how many
   * @param streams calls in flight on each in a closed loop
   * @param rate calls a second in an open loop; 0 for a closed one
   * @param warmUpSeconds before anything counts
   * @param seconds that count
   */
  record Plan(
      int port,
      long pid,
      GrpcCalls calls,
      int connections,
      int streams,
      int rate,
      int warmUpSeconds,
      int seconds) {

    List<String> arguments() {
      return List.of(
          Integer.toString(port),
          Long.toString(pid),
          calls.name(),
          Integer.toString(connections),
          Integer.toString(streams),
          Integer.toString(rate),
          Integer.toString(warmUpSeconds),
          Integer.toString(seconds));
    }
  }

  /**
   * What came of it.
   *
   * @param rate answers a second
   * @param cpuMicros of the server for each
   * @param meanMillis of their latencies
   * @param p99Millis of their latencies
   * @param failed calls without an answer
   */
  record Result(double rate, double cpuMicros, double meanMillis, double p99Millis, long failed) {}

  /* Servers allow a hundred streams and more. */
  private static final int MAX_WAITING = 90;

  private final Plan plan;
  private final byte[][] messages;
  private final Histogram latencies = new Histogram(TimeUnit.SECONDS.toNanos(60), 3);
  private final List<GrpcConnection> connections = new ArrayList<>();
  private int sent;
  private long answered;
  private long failed;

  private GrpcLoad(Plan plan) {
    this.plan = plan;
    this.messages = plan.calls.messages();
  }

  /** Runs a plan in a process pinned to processor 1. */
  static Result run(Plan plan) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("taskset", "-c", "1"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-Xlog:disable"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), GrpcLoad.class.getName()));
    command.addAll(plan.arguments());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    process.waitFor();
    String[] words = output.strip().split(" ");
    if (words.length != 5) {
      throw new IOException("the load said:\n" + output);
    }
    return new Result(
        Double.parseDouble(words[0]),
        Double.parseDouble(words[1]),
        Double.parseDouble(words[2]),
        Double.parseDouble(words[3]),
        Long.parseLong(words[4]));
  }

  /** The arguments are a plan's. */
  public static void main(String[] args) throws IOException {
    Plan plan =
        new Plan(
            Integer.parseInt(args[0]),
            Long.parseLong(args[1]),
            GrpcCalls.valueOf(args[2]),
            Integer.parseInt(args[3]),
            Integer.parseInt(args[4]),
            Integer.parseInt(args[5]),
            Integer.parseInt(args[6]),
            Integer.parseInt(args[7]));
    Result result = new GrpcLoad(plan).measure();
    System.out.printf(
        Locale.ROOT,
        "%.1f %.3f %.4f %.4f %d%n",
        result.rate,
        result.cpuMicros,
        result.meanMillis,
        result.p99Millis,
        result.failed);
  }

  private Result measure() throws IOException {
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < plan.connections; i++) {
        GrpcConnection connection = new GrpcConnection(plan.port, plan.calls.path());
        connections.add(connection);
        connection.channel().register(selector, SelectionKey.OP_READ, connection);
        connection.flush();
      }
      run(selector, plan.warmUpSeconds);
      latencies.reset();
      answered = 0;
      failed = 0;
      double cpu = cpuSeconds();
      long start = System.nanoTime();
      run(selector, plan.seconds);
      double seconds = (System.nanoTime() - start) / 1e9;
      return new Result(
          answered / seconds,
          (cpuSeconds() - cpu) * 1e6 / answered,
          latencies.getMean() / 1e6,
          latencies.getValueAtPercentile(99) / 1e6,
          failed);
    } finally {
      for (GrpcConnection connection : connections) {
        connection.close();
      }
    }
  }

  private void run(Selector selector, int seconds) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    if (plan.rate == 0) {
      closed(selector, end);
    } else {
      open(selector, end);
    }
  }

  private void closed(Selector selector, long end) throws IOException {
    if (sent == 0) {
      for (GrpcConnection connection : connections) {
        for (int i = 0; i < plan.streams; i++) {
          ask(connection, System.nanoTime());
        }
        connection.flush();
      }
    }
    while (System.nanoTime() < end) {
      selector.select(
          key -> {
            GrpcConnection connection = (GrpcConnection) key.attachment();
            read(
                connection,
                (asked, bad) -> {
                  took(asked, bad);
                  ask(connection, System.nanoTime());
                });
          },
          10);
    }
  }

  private void open(Selector selector, long end) throws IOException {
    // The kernel may wake this thread 50 µs late unless told otherwise.
    Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
    Files.writeString(Path.of("/proc", thread.toString(), "timerslack_ns"), "1");
    long interval = 1_000_000_000L / plan.rate;
    long due = System.nanoTime();
    while (due < end) {
      long now = System.nanoTime();
      // What finds no room is asked later, and counts from when it was due.
      for (GrpcConnection connection = free();
          due <= now && connection != null;
          connection = free()) {
        ask(connection, due);
        connection.flush();
        due += interval;
      }
      selector.selectNow(key -> read((GrpcConnection) key.attachment(), this::took));
      LockSupport.parkNanos(Math.min(50_000, Math.max(1, due - System.nanoTime())));
    }
  }

  /** A connection with room for a call, in turn; nothing if there is none. */
  private @Nullable GrpcConnection free() {
    for (int i = 0; i < connections.size(); i++) {
      GrpcConnection connection = connections.get((sent + i) % connections.size());
      if (connection.waiting() < MAX_WAITING) {
        return connection;
      }
    }
    return null;
  }

  private void ask(GrpcConnection connection, long nanos) {
    if (!connection.ask(messages[sent % messages.length], nanos)) {
      throw new IllegalStateException("no room to ask");
    }
    sent++;
  }

  private void took(long asked, boolean bad) {
    answered++;
    failed += bad ? 1 : 0;
    latencies.recordValue(
        Math.min(latencies.getHighestTrackableValue(), System.nanoTime() - asked));
  }

  private static void read(GrpcConnection connection, GrpcConnection.Answers answers) {
    try {
      connection.read(answers);
      connection.flush();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private double cpuSeconds() throws IOException {
    // In nanoseconds, of all threads.
    long nanos = 0;
    try (var threads = Files.list(Path.of("/proc", Long.toString(plan.pid), "task"))) {
      for (Path thread : threads.toList()) {
        String onProcessor = Files.readString(thread.resolve("schedstat"));
        nanos += Long.parseLong(onProcessor.substring(0, onProcessor.indexOf(' ')));
      }
    }
    return nanos / 1e9;
  }
}
