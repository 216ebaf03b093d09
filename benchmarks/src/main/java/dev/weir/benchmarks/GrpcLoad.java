// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

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

  private GrpcLoad() {}

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
    Result result = measure(plan);
    System.out.printf(
        Locale.ROOT,
        "%.1f %.3f %.4f %.4f %d%n",
        result.rate,
        result.cpuMicros,
        result.meanMillis,
        result.p99Millis,
        result.failed);
  }

  private static Result measure(Plan plan) throws IOException {
    try (LoadLoop loop = new LoadLoop(plan.calls.messages(), LoadLoop.MAX_STREAMS)) {
      for (int i = 0; i < plan.connections; i++) {
        loop.add(new GrpcConnection(plan.port, plan.calls.path()));
      }
      run(loop, plan, plan.warmUpSeconds);
      loop.restart();
      double cpu = cpuSeconds(plan.pid);
      long start = System.nanoTime();
      run(loop, plan, plan.seconds);
      double seconds = (System.nanoTime() - start) / 1e9;
      return new Result(
          loop.answered() / seconds,
          (cpuSeconds(plan.pid) - cpu) * 1e6 / loop.answered(),
          loop.latencies().getMean() / 1e6,
          loop.latencies().getValueAtPercentile(99) / 1e6,
          loop.failed());
    }
  }

  private static void run(LoadLoop loop, Plan plan, int seconds) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    if (plan.rate == 0) {
      loop.closed(plan.connections * plan.streams, end);
    } else {
      loop.open(plan.rate, end);
    }
  }

  private static double cpuSeconds(long pid) throws IOException {
    // In nanoseconds, of all threads.
    long nanos = 0;
    try (var threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path thread : threads.toList()) {
        String onProcessor = Files.readString(thread.resolve("schedstat"));
        nanos += Long.parseLong(onProcessor.substring(0, onProcessor.indexOf(' ')));
      }
    }
    return nanos / 1e9;
  }
}
