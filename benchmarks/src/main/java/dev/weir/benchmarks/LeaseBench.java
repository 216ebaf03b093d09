// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.core.Lease;
import dev.weir.redis.fixtures.RedisProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * How many decisions do two nodes with leases make together on one processor, and do they admit
 * more than they should? Both ask for the same key. First everything is admitted, and what Redis
 * has left at the end tells whether more was admitted than bought. Then more is asked for than the
 * bucket earns, and every stretch of time is held against the bucket's bound.
 *
 * <p>{@code ./weir bench redis 3 leased}
 */
final class LeaseBench {

  private static final int NODES = 2;
  private static final int CALLERS = 128;
  private static final int WARM_UP_SECONDS = 10;
  private static final int SECONDS = 6;
  private static final int MAX_MILLIS = 120_000;
  private static final String ADMITTED = "admitted ";

  private final int rounds;

  LeaseBench(int rounds) {
    this.rounds = rounds;
  }

  /** One node's figures, everything it admitted, and when. */
  private record Node(Figures figures, long admitted, int[] byMilli) {}

  void run(RedisProcess redis) throws IOException, InterruptedException {
    double[] rates = new double[rounds];
    double[] excess = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      redis.cli("FLUSHALL", "SYNC");
      long start = System.nanoTime();
      List<Node> nodes = nodes(redis, Allowance.FINITE, start);
      rates[i] = nodes.stream().mapToDouble(node -> node.figures.rate()).sum();
      excess[i] = cumulativeExcess(redis, nodes, start);
      print(i, nodes, rates[i]);
    }
    RedisReport.atLeast("leased decisions/s of two nodes", RedisReport.median(rates), 1_000_000);
    RedisReport.atMost("cumulative over-admission", Arrays.stream(excess).max().orElse(0), 0);
    for (int i = 0; i < rounds; i++) {
      redis.cli("FLUSHALL", "SYNC");
      List<Node> nodes = nodes(redis, Allowance.SCARCE, System.nanoTime());
      excess[i] = windowExcess(nodes);
      print(i, nodes, nodes.stream().mapToDouble(node -> node.figures.rate()).sum());
    }
    Lease lease = Lease.of(Allowance.SCARCE.bucket());
    double earned =
        (double) Allowance.SCARCE.perSecond() * lease.lifetime().toNanos() / 1_000_000_000L;
    RedisReport.atMost(
        "worst window's excess",
        Arrays.stream(excess).max().orElse(0),
        Math.min(earned, (double) NODES * lease.permits()));
  }

  private static void print(int round, List<Node> nodes, double rate) {
    System.out.printf(Locale.ROOT, "round %d  leased %.0f/s together%n", round + 1, rate);
    for (Node node : nodes) {
      System.out.println("         " + RedisReport.row("node", node.figures));
    }
  }

  private static List<Node> nodes(RedisProcess redis, Allowance allowance, long start)
      throws IOException, InterruptedException {
    RunOptions options =
        RunOptions.closed("weir-leasing", Workload.HOT, CALLERS, redis)
            .with(allowance)
            .lasting(WARM_UP_SECONDS, SECONDS);
    List<Process> processes = new ArrayList<>();
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      Path file = Files.createTempFile("weir-bench", ".node");
      List<String> command = new ArrayList<>(RedisRun.command(LeaseBench.class, options, 0));
      command.addAll(List.of(file.toString(), Long.toString(start)));
      processes.add(new ProcessBuilder(command).redirectErrorStream(true).start());
      files.add(file);
    }
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      Process process = processes.get(i);
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      long admitted =
          output
              .lines()
              .filter(line -> line.startsWith(ADMITTED))
              .mapToLong(line -> Long.parseLong(line.substring(ADMITTED.length())))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException(output));
      int[] byMilli =
          Files.readAllLines(files.get(i)).stream().mapToInt(Integer::parseInt).toArray();
      Files.delete(files.get(i));
      nodes.add(new Node(Figures.parse(output), admitted, byMilli));
    }
    return nodes;
  }

  /** Permits admitted beyond those that Redis gave out. */
  private static double cumulativeExcess(RedisProcess redis, List<Node> nodes, long start)
      throws InterruptedException {
    long admitted = nodes.stream().mapToLong(Node::admitted).sum();
    try (WeirContestant exact =
        WeirContestant.exact(redis.url(), Allowance.FINITE, 1, WeirContestant.PATIENT)) {
      long earned =
          Allowance.FINITE.perSecond()
              * (1 + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
      long spent = Allowance.FINITE.permits() + earned - exact.remaining(0);
      System.out.printf(
          Locale.ROOT,
          "         admitted %,d, taken from Redis at most %,d (%,d came back meanwhile)%n",
          admitted,
          spent,
          earned);
      return Math.max(0, admitted - spent);
    }
  }

  /** The greatest excess over capacity + refill × time of any stretch of whole milliseconds. */
  private static double windowExcess(List<Node> nodes) {
    double perMilli = Allowance.SCARCE.perSecond() / 1e3;
    double running = 0;
    double worst = 0;
    for (int milli = 0; milli < MAX_MILLIS; milli++) {
      double here = -perMilli;
      for (Node node : nodes) {
        here += milli < node.byMilli.length ? node.byMilli[milli] : 0;
      }
      running = Math.max(0, running) + here;
      worst = Math.max(worst, running);
    }
    return worst - Allowance.SCARCE.permits();
  }

  /** A contestant that notes when it admitted how many. */
  private record Noting(Contestant inner, AtomicIntegerArray byMilli, long start)
      implements Contestant {

    @Override
    public CompletionStage<?> check(int key) {
      return inner.check(key);
    }

    @Override
    public boolean admitted(Object answer) {
      boolean admitted = inner.admitted(answer);
      if (admitted) {
        byMilli.incrementAndGet((int) ((System.nanoTime() - start) / 1_000_000));
      }
      return admitted;
    }

    @Override
    public boolean degraded(Object answer) {
      return inner.degraded(answer);
    }

    @Override
    public void close() {
      inner.close();
    }
  }

  /** A node: what {@link RunOptions#arguments} gives, the file for its notes, and their start. */
  public static void main(String[] args) throws Exception {
    RunOptions options = RunOptions.parse(args);
    AtomicIntegerArray byMilli = new AtomicIntegerArray(MAX_MILLIS);
    boolean noting = options.allowance() == Allowance.SCARCE;
    try (Contestant weir = RedisRun.contestant(options)) {
      Contestant contestant =
          noting ? new Noting(weir, byMilli, Long.parseLong(args[args.length - 1])) : weir;
      ClosedLoop loop =
          new ClosedLoop(contestant, options.workload().sequence(), options.callers());
      Figures figures = RedisRun.measure(loop, options, options.seconds(), Double.NaN);
      loop.stop();
      loop.awaitEnd();
      System.out.println(figures.line());
      System.out.println(ADMITTED + loop.totals().admitted());
    }
    List<String> lines = new ArrayList<>();
    for (int i = 0; noting && i < MAX_MILLIS; i++) {
      lines.add(Integer.toString(byMilli.get(i)));
    }
    Files.write(Path.of(args[args.length - 2]), lines);
    System.exit(0);
  }
}
