// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import dev.weir.core.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One reading of all logs, request by request in the order of their times. Used by one thread. */
final class LogRun {

  private static final int MOST_HELD = 1 << 20;
  private static final int MOST_BLOCKS_AHEAD = 64;
  private static final long SECOND = 1_000_000;
  private static final int LOOK_EVERY = 1 << 12;

  private final List<LogSource> logs;
  private final BatchParser parser;
  private final RequestOrder order;
  private final TimeSource time;
  private final List<LogStream> streams = new ArrayList<>();
  private final List<String> troubles = new ArrayList<>();
  private @Nullable LogMerge merge;
  private long requests;
  private long firstMicros;
  private long lastMicros;
  private double seconds;

  LogRun(
      List<LogSource> logs, BatchParser parser, long slackMicros, boolean spread, TimeSource time) {
    this.logs = logs;
    this.parser = parser;
    this.order = new RequestOrder(slackMicros, MOST_HELD, spread);
    this.time = time;
  }

  /**
   * Reads to the end.
   *
   * @param sink takes the requests
   * @param progress is told once a second
   * @param stopped whether to end now
   * @throws UnreadableLogException if a log cannot be read
   */
  void read(
      Consumer<Request> sink, Consumer<Simulation.Progress> progress, BooleanSupplier stopped) {
    int processors = Runtime.getRuntime().availableProcessors();
    long began = time.micros();
    try (ExecutorService workers = Executors.newFixedThreadPool(processors, LogRun::worker)) {
      try {
        int ahead = Math.max(1, Math.min(2 * processors, MOST_BLOCKS_AHEAD / logs.size()));
        for (LogSource log : logs) {
          streams.add(new LogStream(log, parser, workers, ahead));
        }
        read(sink, new Watch(began, progress), stopped);
      } finally {
        workers.shutdownNow();
        streams.forEach(LogStream::close);
      }
    }
    streams.forEach(stream -> stream.trouble().ifPresent(troubles::add));
    seconds = Math.max(1, time.micros() - began) / 1e6;
  }

  private static Thread worker(Runnable task) {
    Thread thread = new Thread(task, "weir-log-parser");
    thread.setDaemon(true);
    return thread;
  }

  private void read(Consumer<Request> sink, Watch watch, BooleanSupplier stopped) {
    LogMerge lines = new LogMerge(streams);
    merge = lines;
    long count = 0;
    for (Request next = lines.next();
        next != null && !stopped.getAsBoolean();
        next = lines.next()) {
      order.add(next);
      drain(sink);
      if (++count % LOOK_EVERY == 0) {
        watch.look(lines.lines());
      }
    }
    order.end();
    drain(sink);
  }

  private void drain(Consumer<Request> sink) {
    for (Request due = order.poll(); due != null; due = order.poll()) {
      firstMicros = requests == 0 ? due.micros() : firstMicros;
      lastMicros = due.micros();
      requests++;
      sink.accept(due);
    }
  }

  double seconds() {
    return seconds;
  }

  /** What was read. */
  SimulationReport.Input input(List<String> notes) {
    List<String> all = new ArrayList<>(troubles);
    all.addAll(notes);
    LogMerge lines = merge;
    return new SimulationReport.Input(
        logs.stream().map(LogSource::name).toList(),
        lines == null ? 0 : lines.lines(),
        requests,
        lines == null ? 0 : lines.malformed(),
        lines == null ? List.of() : lines.examples(),
        lines == null ? 0 : lines.skipped(),
        order.late(),
        order.latestMicros(),
        firstMicros,
        lastMicros,
        !troubles.isEmpty(),
        all);
  }

  /** Tells once a second how far the reading has come. */
  private final class Watch {
    private final OptionalLong bytes;
    private final Consumer<Simulation.Progress> progress;
    private long toldAt;
    private long toldLines;

    Watch(long now, Consumer<Simulation.Progress> progress) {
      this.bytes =
          logs.stream().allMatch(log -> log.size().isPresent())
              ? OptionalLong.of(logs.stream().mapToLong(log -> log.size().orElse(0)).sum())
              : OptionalLong.empty();
      this.toldAt = now;
      this.progress = progress;
    }

    void look(long lines) {
      long now = time.micros();
      if (now - toldAt < SECOND) {
        return;
      }
      long rate = (lines - toldLines) * SECOND / (now - toldAt);
      long read = streams.stream().mapToLong(LogStream::bytesRead).sum();
      OptionalLong percent =
          bytes.isPresent() && bytes.getAsLong() > 0
              ? OptionalLong.of(Math.min(100, read * 100 / bytes.getAsLong()))
              : OptionalLong.empty();
      progress.accept(new Simulation.Progress(lines, rate, percent));
      toldAt = now;
      toldLines = lines;
    }
  }
}
