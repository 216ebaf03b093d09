// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.redis.RedisOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One contestant in a process of its own: sets up, warms up, measures and prints the figures. */
final class RedisRun {

  /** How long a closed loop waits for quiet at most. */
  private static final int MAX_SECONDS = Integer.getInteger("weir.bench.patience", 20);

  private static final int SET_UP_CALLERS = 256;

  private RedisRun() {}

  /** Takes what {@link RunOptions#arguments} gives. */
  public static void main(String[] args) throws Exception {
    RunOptions options = RunOptions.parse(args);
    Figures figures;
    try (RedisProbe redis = new RedisProbe(options.url());
        Contestant contestant = contestant(options)) {
      int keys = options.workload().keys();
      long before = redis.usedMemory();
      contestant.prepare(keys);
      ClosedLoop.once(contestant, keys, SET_UP_CALLERS);
      double bytesPerKey = (double) (redis.usedMemory() - before) / keys;
      figures =
          options.callers() > 0
              ? closed(contestant, options, bytesPerKey)
              : open(contestant, options, bytesPerKey);
      System.out.println(figures.line());
    }
    System.exit(0);
  }

  static Contestant contestant(RunOptions options) throws InterruptedException {
    String url = options.url();
    Allowance allowance = options.allowance();
    return switch (options.contestant()) {
      case "lettuce-empty" ->
          new LettuceContestant(url, LettuceContestant.Script.EMPTY, allowance, false);
      case "lettuce-empty-flush" ->
          new LettuceContestant(url, LettuceContestant.Script.EMPTY, allowance, true);
      case "lettuce-charge" ->
          new LettuceContestant(url, LettuceContestant.Script.CHARGE, allowance, false);
      case "lettuce-charge-flush" ->
          new LettuceContestant(url, LettuceContestant.Script.CHARGE, allowance, true);
      case "gateway" ->
          new LettuceContestant(url, LettuceContestant.Script.GATEWAY, allowance, false);
      case "bucket4j" -> new Bucket4jContestant(url, allowance, false);
      case "bucket4j-batching" -> new Bucket4jContestant(url, allowance, true);
      case "redisson" -> new RedissonContestant(url, allowance);
      case "script-1" -> new ScriptContestant(url, 1, 1);
      case "script-32" -> new ScriptContestant(url, 32, 1);
      case "script-32-of-3" -> new ScriptContestant(url, 32, 3);
      case "weir" -> WeirContestant.exact(url, allowance, 1, WeirContestant.PATIENT);
      case "weir-3-limits" -> WeirContestant.exact(url, allowance, 3, WeirContestant.PATIENT);
      case "weir-10-limits" -> WeirContestant.exact(url, allowance, 10, WeirContestant.PATIENT);
      case "weir-deadline" -> WeirContestant.exact(url, allowance, 1, RedisOptions.DEFAULT_TIMEOUT);
      case "weir-remembering" -> WeirContestant.remembering(url, allowance);
      case "weir-leasing" -> WeirContestant.leasing(url, allowance);
      case "weir-3-shards" ->
          new SpreadContestant(WeirContestant.exact(url, allowance, 1, WeirContestant.PATIENT));
      case "weir-store" -> new WeirStoreContestant(url, allowance);
      default -> throw new IllegalArgumentException("contestant: " + options.contestant());
    };
  }

  private static Figures closed(Contestant contestant, RunOptions options, double bytesPerKey)
      throws IOException, InterruptedException {
    return measure(
        new ClosedLoop(contestant, options.workload().sequence(), options.callers()),
        options,
        MAX_SECONDS,
        bytesPerKey);
  }

  /** Starts the callers, lets them warm up, measures and stops them. */
  static Figures measure(ClosedLoop loop, RunOptions options, int atMostSeconds, double bytesPerKey)
      throws IOException, InterruptedException {
    loop.start();
    Thread.sleep(options.warmUpSeconds() * 1_000L);
    QuietSlices slices = new QuietSlices(loop, options.redisPid());
    slices.measure(options.seconds(), atMostSeconds);
    loop.stop();
    return slices.figures(bytesPerKey);
  }

  private static Figures open(Contestant contestant, RunOptions options, double bytesPerKey)
      throws IOException, InterruptedException {
    int[] sequence = options.workload().sequence();
    warmUp(contestant, sequence, options);
    ProcessorUse before = ProcessorUse.now(options.redisPid());
    OpenLoop loop = new OpenLoop(contestant, sequence, options.rate(), options.seconds());
    loop.run();
    ProcessorUse use = ProcessorUse.now(options.redisPid()).minus(before);
    long[] sorted = loop.sortedNanos();
    return new Figures(
        loop.checks() * 1e9 / use.nanos(),
        use.clientNanos() / 1e3 / loop.checks(),
        use.redisNanos() / 1e3 / loop.checks(),
        sorted[sorted.length / 2] / 1e3,
        sorted[(int) (sorted.length * 0.99)] / 1e3,
        sorted[sorted.length - 1] / 1e3,
        Arrays.stream(sorted).average().orElseThrow() / 1e3,
        loop.share(OpenLoop.Outcome.ADMITTED),
        loop.share(OpenLoop.Outcome.FAILED) + loop.share(OpenLoop.Outcome.UNANSWERED),
        bytesPerKey,
        use.others());
  }

  // At 1 000 a second the compiler would take minutes to notice what is hot.
  static void warmUp(Contestant contestant, int[] sequence, RunOptions options)
      throws IOException, InterruptedException {
    ClosedLoop busy = new ClosedLoop(contestant, sequence, 16);
    busy.start();
    Thread.sleep(options.warmUpSeconds() * 1_000L);
    busy.stop();
    Thread.sleep(500);
    new OpenLoop(contestant, sequence, options.rate(), 2).run();
  }

  /** The command of a process that measures, or does what another main method does. */
  static List<String> command(Class<?> main, RunOptions options, int processor) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "taskset",
                "-c",
                Integer.toString(processor),
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:+UseSerialGC",
                "-Xms1g",
                "-Xmx1g",
                "-Xmn600m",
                "-XX:+AlwaysPreTouch",
                "--enable-native-access=ALL-UNNAMED"));
    if (Runtime.version().feature() >= 24) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    // For example an agent that profiles.
    String more = System.getProperty("weir.bench.jvm", "");
    command.addAll(more.isEmpty() ? List.of() : List.of(more.split(" ")));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(options.arguments());
    return command;
  }

  /** Runs it in such a process. */
  static Figures run(RunOptions options) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command(RedisRun.class, options, 0)).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return Figures.parse(output);
  }
}
