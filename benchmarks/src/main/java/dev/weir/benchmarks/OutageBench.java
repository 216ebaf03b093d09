// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.redis.fixtures.RedisProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * How long does a check take while Redis stands still, is dead, and after it has come back? Redis
 * is stopped for four seconds and let go on, then killed and started again four seconds later,
 * under a steady rate of checks with the default deadline.
 *
 * <p>{@code ./weir bench redis 1 outage}
 */
final class OutageBench {

  private static final int SECONDS = 22;
  private static final int DEADLINE_MILLIS = 25;
  private static final long SECOND = 1_000_000_000L;
  private static final String STARTED = "started ";

  private record Answer(long dueNanos, long lateNanos, long tookNanos, OpenLoop.Outcome outcome) {
    /** Since it was asked: a deadline counts from there. */
    long waitedNanos() {
      return tookNanos - lateNanos;
    }
  }

  private record Event(String name, long nanos) {}

  private OutageBench() {}

  static void run(RedisProcess.Builder builder) throws IOException, InterruptedException {
    for (int rate : List.of(200, 5_000)) {
      try (RedisProcess redis = builder.start()) {
        run(redis, rate);
      }
    }
  }

  private static void run(RedisProcess redis, int rate) throws IOException, InterruptedException {
    RunOptions options =
        RunOptions.open("weir-deadline", Workload.UNIFORM, rate, redis).lasting(6, SECONDS);
    Path answers = Files.createTempFile("weir-bench", ".answers");
    try {
      List<String> command = new ArrayList<>(RedisRun.command(OutageBench.class, options, 0));
      command.add(answers.toString());
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      List<Event> events = new ArrayList<>();
      try (BufferedReader output =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        long start = started(output);
        at(start, 4, "stopped", redis::pause, events);
        at(start, 8, "goes on", redis::resume, events);
        at(start, 13, "killed", redis::kill, events);
        at(start, 17, "started again", redis::restart, events);
        events.addFirst(new Event("before", start));
        process.waitFor();
      }
      report(rate, read(answers), events);
    } finally {
      Files.delete(answers);
    }
  }

  private static long started(BufferedReader output) throws IOException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(STARTED)) {
        // System.nanoTime() is the same clock in all processes of one machine, on Linux.
        return Long.parseLong(line.substring(STARTED.length()));
      }
    }
    throw new IOException("the client ended at once");
  }

  private static void at(long start, int second, String name, Runnable event, List<Event> events) {
    long due = start + second * SECOND;
    for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
      LockSupport.parkNanos(wait);
    }
    if (name.equals("stopped") || name.equals("killed")) {
      events.add(new Event(name, System.nanoTime()));
      event.run();
    } else {
      event.run();
      events.add(new Event(name, System.nanoTime()));
    }
  }

  private static List<Answer> read(Path file) throws IOException {
    List<Answer> answers = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      String[] parts = line.split(" ");
      answers.add(
          new Answer(
              Long.parseLong(parts[0]),
              Long.parseLong(parts[1]),
              Long.parseLong(parts[2]),
              OpenLoop.Outcome.valueOf(parts[3])));
    }
    return answers;
  }

  private static void report(int rate, List<Answer> answers, List<Event> events) {
    System.out.printf("%nRedis stopped and killed under %d checks a second%n", rate);
    for (int i = 0; i < events.size(); i++) {
      Event event = events.get(i);
      long end = i + 1 < events.size() ? events.get(i + 1).nanos : Long.MAX_VALUE;
      long settled = event.nanos + SECOND;
      phase(event.name + ", first second", answers, event.nanos, Math.min(end, settled));
      phase(event.name + ", afterwards", answers, settled, end);
      if (event.name.equals("goes on") || event.name.equals("started again")) {
        System.out.printf(
            Locale.ROOT, "%-32s %8.1f ms%n", "  until Redis judges", back(answers, event) / 1e6);
      }
    }
    long unanswered =
        answers.stream().filter(a -> a.outcome == OpenLoop.Outcome.UNANSWERED).count();
    System.out.printf("of %d checks not answered: %d%n", answers.size(), unanswered);
    double late = answers.stream().mapToLong(Answer::lateNanos).max().orElse(0) / 1e6;
    System.out.printf(Locale.ROOT, "latest question, a measure of the machine: %.1f ms%n", late);
    double worst = answers.stream().mapToLong(Answer::waitedNanos).max().orElse(0) / 1e6;
    RedisReport.atMost("slowest answer since asked, ms", worst, DEADLINE_MILLIS + 10);
  }

  private static long back(List<Answer> answers, Event event) {
    return answers.stream()
        .filter(a -> a.dueNanos >= event.nanos && a.outcome == OpenLoop.Outcome.ADMITTED)
        .mapToLong(a -> a.dueNanos + a.tookNanos - event.nanos)
        .min()
        .orElse(-1);
  }

  private static void phase(String name, List<Answer> answers, long from, long to) {
    List<Answer> in = answers.stream().filter(a -> a.dueNanos >= from && a.dueNanos < to).toList();
    long[] sorted = in.stream().mapToLong(Answer::tookNanos).sorted().toArray();
    if (sorted.length == 0) {
      return;
    }
    long judged = in.stream().filter(a -> a.outcome == OpenLoop.Outcome.ADMITTED).count();
    System.out.printf(
        Locale.ROOT,
        "%-32s p50 %7.3f  p99 %7.3f  p99.9 %7.3f  max %7.3f ms  judged by Redis %5.1f %%%n",
        name,
        sorted[sorted.length / 2] / 1e6,
        sorted[(int) (sorted.length * 0.99)] / 1e6,
        sorted[(int) (sorted.length * 0.999)] / 1e6,
        sorted[sorted.length - 1] / 1e6,
        100.0 * judged / in.size());
  }

  /** The client: what {@link RunOptions#arguments} gives, and the file for the answers. */
  public static void main(String[] args) throws Exception {
    RunOptions options = RunOptions.parse(args);
    Path file = Path.of(args[args.length - 1]);
    try (Contestant contestant = RedisRun.contestant(options)) {
      ClosedLoop.once(contestant, options.workload().keys(), 256);
      int[] sequence = options.workload().sequence();
      RedisRun.warmUp(contestant, sequence, options);
      OpenLoop loop = new OpenLoop(contestant, sequence, options.rate(), options.seconds());
      System.out.println(STARTED + System.nanoTime());
      loop.run();
      try (Writer out = Files.newBufferedWriter(file)) {
        for (int i = 0; i < loop.checks(); i++) {
          out.write(
              loop.dueNanos(i)
                  + " "
                  + loop.lateNanos(i)
                  + " "
                  + loop.tookNanos(i)
                  + " "
                  + loop.outcome(i)
                  + "\n");
        }
      }
    }
    System.exit(0);
  }
}
