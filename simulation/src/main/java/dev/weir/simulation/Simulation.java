// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static java.util.Objects.requireNonNull;

import dev.weir.core.MemoryStore;
import dev.weir.core.PolicySet;
import dev.weir.core.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Replays logs through the engine, on a clock that they turn.
 *
 * <p>Requests are judged one after another in the order of their times, by a {@code RateLimiter}
 * over a {@code MemoryStore} as a server in production has them; only the clock is another. Lines
 * are parsed ahead by as many threads as there are processors. Memory is bounded, whatever the logs
 * hold. A simulation runs once.
 */
public final class Simulation {

  /**
   * How far a reading has come.
   *
   * @param lines lines read
   * @param linesPerSecond of late
   * @param percent of all bytes, if it is known how many there are
   */
  public record Progress(long lines, long linesPerSecond, OptionalLong percent) {}

  /** A set of policies and what it is called. */
  private record Named(String name, PolicySet policies) {}

  private static final long SECOND = 1_000_000;

  private final List<LogSource> logs;
  private final BatchParser parser;
  private final List<Named> sets;
  private final Builder settings;
  private volatile boolean stopped;

  private Simulation(Builder settings) {
    this.settings = settings;
    this.logs = List.copyOf(settings.logs);
    this.sets = List.copyOf(settings.sets);
    this.parser =
        new BatchParser(
            settings.syntax,
            settings.fields,
            requireNonNull(settings.descriptors, "descriptors"),
            settings.fromMicros,
            settings.untilMicros,
            sets.stream().anyMatch(set -> Judge.holds(set.policies))
                ? settings.duration
                : Optional.empty());
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Ends the replay soon, with the result so far; any thread may call it. */
  public void stop() {
    stopped = true;
  }

  /**
   * Replays to the end.
   *
   * @throws UnreadableLogException if a log cannot be read
   */
  public SimulationReport run() {
    return run(sets);
  }

  private SimulationReport run(List<Named> policies) {
    LogClock clock = new LogClock();
    List<Judge> judges = new ArrayList<>();
    try {
      for (Named set : policies) {
        long counters = Math.max(1, MemoryStore.defaultMaxKeys() / policies.size());
        judges.add(new Judge(set.name, set.policies, clock, counters, settings.mostKeys));
      }
      Replay replay = new Replay(clock, judges, settings.bucketMicros, settings.mostKeys);
      LogRun run = read(replay::judge);
      return new SimulationReport(
          run.input(notes()),
          replay.results(settings.top),
          replay.comparison(settings.top),
          replay.series(),
          run.seconds(),
          stopped);
    } finally {
      judges.forEach(Judge::close);
    }
  }

  /**
   * Reads the logs twice: to see what is asked of the limits of the first set of policies, and then
   * to see what limits would have done that allow as much.
   *
   * @throws UnreadableLogException if a log cannot be read
   * @throws IllegalArgumentException if a log can be read only once, or there is nothing to suggest
   *     limits for
   */
  public Suggestion suggest(SuggestionWish wish) {
    for (LogSource log : logs) {
      if (!log.repeatable()) {
        throw new IllegalArgumentException(
            log.name() + " (expected: a file, since a suggestion reads a log twice)");
      }
    }
    LogClock clock = new LogClock();
    List<Demand> demands;
    try (DemandProbe probe = new DemandProbe(sets.getFirst().policies, wish, clock)) {
      read(probe::count);
      demands = probe.demands(wish.percentile());
    }
    PolicySet proposed = Proposal.of(sets.getFirst().policies, demands, wish);
    SimulationReport report = run(List.of(new Named("suggested", proposed)));
    return new Suggestion(wish, demands, proposed, report);
  }

  private LogRun read(Consumer<Request> sink) {
    LogRun run = new LogRun(logs, parser, settings.slackMicros, settings.spread, settings.time);
    run.read(sink, settings.progress, () -> stopped);
    return run;
  }

  private List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (settings.descriptors instanceof MappedDescriptors mapped) {
      for (MappedDescriptors.Entry entry : mapped.unseen()) {
        notes.add(
            "entry "
                + entry.key()
                + ": no line has the field "
                + entry.field().map(LogField::name).orElse(""));
      }
    }
    return notes;
  }

  /** Collects what a simulation is made of; {@link #build} checks it. */
  public static final class Builder {
    private final List<LogSource> logs = new ArrayList<>();
    private final List<Named> sets = new ArrayList<>();
    private LogSyntax syntax = LogSyntax.detected();
    private LogFields fields = new LogFields();
    private @Nullable DescriptorSource descriptors;
    private Optional<DurationField> duration = Optional.empty();
    private long fromMicros = Long.MIN_VALUE;
    private long untilMicros = Long.MAX_VALUE;
    private long slackMicros = 10 * SECOND;
    private boolean spread;
    private long bucketMicros;
    private int top = 10;
    private int mostKeys = 200_000;
    private TimeSource time = TimeSource.elapsed();
    private Consumer<Progress> progress = told -> {};

    private Builder() {}

    /** One more log; several are read side by side, in the order of their times. At most 64. */
    public Builder log(LogSource log) {
      logs.add(requireNonNull(log, "log"));
      return this;
    }

    /** How lines are written; told by the first lines unless said. */
    public Builder syntax(LogSyntax syntax) {
      this.syntax = requireNonNull(syntax, "syntax");
      return this;
    }

    /** What is taken out of lines; those that the descriptors were made with. */
    public Builder fields(LogFields fields) {
      this.fields = requireNonNull(fields, "fields");
      return this;
    }

    /** What makes descriptors of lines; required. */
    public Builder descriptors(DescriptorSource descriptors) {
      this.descriptors = requireNonNull(descriptors, "descriptors");
      return this;
    }

    /** The policies; given twice, the second are compared with the first. */
    public Builder policies(String name, PolicySet policies) {
      sets.add(new Named(requireNonNull(name, "name"), requireNonNull(policies, "policies")));
      return this;
    }

    /** Where lines tell how long requests took, which limits of concurrency want to know. */
    public Builder duration(DurationField duration) {
      this.duration = Optional.of(duration);
      return this;
    }

    /** Looks at lines from this moment on, in microseconds since 1970. */
    public Builder from(long micros) {
      this.fromMicros = micros;
      return this;
    }

    /** Looks at lines before this moment, in microseconds since 1970. */
    public Builder until(long micros) {
      this.untilMicros = micros;
      return this;
    }

    /** How much later than its time a line may come and still be put in order; 10 s unless said. */
    public Builder slack(Duration slack) {
      this.slackMicros = micros("slack", slack);
      return this;
    }

    /** Spreads requests logged in the same whole second evenly over it. */
    public Builder spread() {
      this.spread = true;
      return this;
    }

    /** Counts over time in buckets of this width, or of a multiple if there would be too many. */
    public Builder bucket(Duration width) {
      this.bucketMicros = Math.max(1, micros("bucket", width));
      return this;
    }

    /** How many keys are told of; 10 unless said. */
    public Builder top(int top) {
      this.top = within("top", top, 0, 100_000);
      return this;
    }

    /** How many denied keys are counted; 200 000 unless said. */
    public Builder mostKeys(int keys) {
      this.mostKeys = within("most keys", keys, 10, 10_000_000);
      return this;
    }

    /** The clock that progress is measured by. */
    public Builder time(TimeSource time) {
      this.time = requireNonNull(time, "time");
      return this;
    }

    /** Hears of progress about once a second, on the thread that runs the simulation. */
    public Builder progress(Consumer<Progress> progress) {
      this.progress = requireNonNull(progress, "progress");
      return this;
    }

    /**
     * The simulation.
     *
     * @throws IllegalArgumentException if it has no log or too many, no descriptors, or other than
     *     one or two sets of policies
     */
    public Simulation build() {
      within("logs", logs.size(), 1, 64);
      within("sets of policies", sets.size(), 1, 2);
      if (descriptors == null) {
        throw new IllegalArgumentException("descriptors: none (expected: what makes them)");
      }
      return new Simulation(this);
    }

    private static long micros(String name, Duration duration) {
      if (duration.isNegative() || duration.compareTo(Duration.ofDays(366)) > 0) {
        throw new IllegalArgumentException(name + ": " + duration + " (expected: 0..366 days)");
      }
      return duration.toNanos() / 1_000;
    }

    private static int within(String name, int value, int least, int most) {
      if (value < least || value > most) {
        throw new IllegalArgumentException(
            name + ": " + value + " (expected: " + least + ".." + most + ")");
      }
      return value;
    }
  }
}
