// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarPeriod;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Concurrency;
import dev.weir.core.FixedWindow;
import dev.weir.core.Mode;
import dev.weir.core.Operation;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.TokenBucket;
import dev.weir.core.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The algorithm vectors: a file of steps and their verdicts, which every store replays. Its head
 * says how it is read and written.
 */
final class Vectors {

  private static final String FILE = "vectors.txt";

  private final Probe probe;
  private final StringBuilder replayed = new StringBuilder();
  private int limits;
  private Probe.@Nullable Target target;
  private @Nullable Verdict taken;

  private Vectors(Probe probe) {
    this.probe = probe;
  }

  /** The file. */
  static String text() {
    try (InputStream file = Vectors.class.getResourceAsStream(FILE)) {
      if (file == null) {
        throw new IllegalStateException(FILE + " is missing");
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The file as it is if its steps are answered by this store. */
  static String replay(Probe probe) {
    Vectors vectors = new Vectors(probe);
    text().lines().forEach(vectors::line);
    return vectors.replayed.toString();
  }

  private void line(String line) {
    String left = line.strip();
    if (!left.isEmpty() && !left.startsWith("#")) {
      int bar = left.indexOf('|');
      left = bar < 0 ? left : left.substring(0, bar).strip();
      List<String> words = List.of(left.split(" +"));
      switch (words.getFirst()) {
        case "limit" -> {
          Algorithm algorithm = algorithm(words.subList(1, words.size()));
          target = Probe.Target.of("vector " + limits++, algorithm);
          taken = null;
        }
        case "change" -> target = target().with(algorithm(words.subList(1, words.size())));
        default -> left = left + " | " + answer(step(words));
      }
    }
    replayed.append(left).append('\n');
  }

  private Probe.Target target() {
    if (target == null) {
      throw new IllegalStateException("a step before any limit");
    }
    return target;
  }

  private Verdict step(List<String> words) {
    probe.clock().advanceMicros(Long.parseLong(words.getFirst()));
    Verdict verdict =
        switch (words.get(1)) {
          case "take" -> one(number(words, 2), Operation.TAKE);
          case "take-up-to" -> one(number(words, 2), Operation.TAKE_UP_TO);
          case "peek" -> one(number(words, 2), Operation.PEEK);
          case "record" -> one(number(words, 2), Operation.RECORD);
          case "grant" -> one(number(words, 2), Operation.GRANT);
          case "reset" -> one(0, Operation.RESET);
          case "hold" -> one(number(words, 3), new Operation.Hold(words.get(2), number(words, 4)));
          case "renew" -> one(1, new Operation.Renew(words.get(2), number(words, 3)));
          case "release" -> one(1, new Operation.Release(words.get(2)));
          case "refund" -> refund();
          default -> throw new IllegalStateException("operation: " + words);
        };
    if (words.get(1).equals("take") && verdict.amount() > 0) {
      taken = verdict;
    }
    return verdict;
  }

  private Verdict one(long cost, Operation operation) {
    return probe.one(target().charge(cost, Mode.ENFORCED, operation));
  }

  private Verdict refund() {
    if (taken == null) {
      throw new IllegalStateException("a refund before any take");
    }
    return probe.refund(target(), taken);
  }

  private static long number(List<String> words, int at) {
    return Long.parseLong(words.get(at));
  }

  private static Algorithm algorithm(List<String> words) {
    long limit = number(words, 1);
    return switch (words.getFirst()) {
      case "token-bucket" -> new TokenBucket(limit, number(words, 2), micros(words, 3));
      case "fixed-window" -> new FixedWindow(limit, micros(words, 2));
      case "sliding-window" -> new SlidingWindow(limit, micros(words, 2));
      case "sliding-log" -> new SlidingLog(limit, micros(words, 2));
      case "concurrency" -> new Concurrency(limit, micros(words, 2));
      case "calendar-quota" ->
          new CalendarQuota(limit, CalendarPeriod.valueOf(words.get(2)), ZoneId.of(words.get(3)));
      default -> throw new IllegalStateException("algorithm: " + words);
    };
  }

  private static Duration micros(List<String> words, int at) {
    return Duration.of(number(words, at), ChronoUnit.MICROS);
  }

  private static String answer(Verdict verdict) {
    return String.format(
        Locale.ROOT,
        "%s %d, %d left, retry %d, reset %d, mark %d%s",
        verdict.outcome().name().toLowerCase(Locale.ROOT),
        verdict.amount(),
        verdict.remaining(),
        verdict.retryAfterMicros(),
        verdict.resetAfterMicros(),
        verdict.mark(),
        verdict.clockStepped() ? ", clock set back" : "");
  }
}
