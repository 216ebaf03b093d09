// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarPeriod;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Concurrency;
import dev.weir.core.Decision;
import dev.weir.core.FixedWindow;
import dev.weir.core.Limit;
import dev.weir.core.LimitState;
import dev.weir.core.Mode;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.TokenBucket;
import dev.weir.core.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Which fields of an answer tell a client about its limits. */
public enum HeaderProfile {
  /** {@code RateLimit-Policy} and {@code RateLimit} of draft-ietf-httpapi-ratelimit-headers-11. */
  IETF("ietf"),
  /** {@code RateLimit-Limit}, {@code -Remaining}, {@code -Reset} and {@code -Policy} of draft 6. */
  IETF_06("ietf-06"),
  /** {@code X-RateLimit-*} with the reset in seconds since 1970. */
  X_EPOCH("x-epoch"),
  /** {@code X-RateLimit-*} with the reset in seconds from now, as Envoy writes them. */
  X_DELTA("x-delta"),
  /** None. */
  NONE("none");

  // RFC 9651: an Integer has at most 15 digits.
  private static final long MAX_INTEGER = 999_999_999_999_999L;

  private final String word;

  HeaderProfile(String word) {
    this.word = word;
  }

  /** Its name in a configuration. */
  public String word() {
    return word;
  }

  /** The profile of this name. */
  public static Optional<HeaderProfile> of(String word) {
    for (HeaderProfile profile : values()) {
      if (profile.word.equals(word)) {
        return Optional.of(profile);
      }
    }
    return Optional.empty();
  }

  /** Tells each field of a decision, in the profile's order; none if no limit applied. */
  public void fields(Decision decision, BiConsumer<String, String> field) {
    if (this == NONE) {
      return;
    }
    decision.deciding().ifPresent(state -> fields(decision, state, field));
  }

  private void fields(Decision decision, LimitState state, BiConsumer<String, String> field) {
    Verdict verdict = state.verdict();
    String remaining = Long.toString(integer(verdict.remaining()));
    String limit = Long.toString(integer(state.limit().algorithm().limit()));
    String reset = Long.toString(seconds(verdict.resetAfterMicros()));
    switch (this) {
      case IETF -> {
        field.accept("RateLimit-Policy", policies(decision));
        field.accept("RateLimit", ietf(decision.allowed(), state));
      }
      case IETF_06 -> {
        field.accept("RateLimit-Limit", limit);
        field.accept("RateLimit-Remaining", remaining);
        field.accept("RateLimit-Reset", reset);
        field.accept("RateLimit-Policy", windows(decision, false));
      }
      case X_EPOCH -> {
        field.accept("X-RateLimit-Limit", limit);
        field.accept("X-RateLimit-Remaining", remaining);
        field.accept(
            "X-RateLimit-Reset",
            Long.toString(seconds(verdict.micros() + verdict.resetAfterMicros())));
      }
      case X_DELTA -> {
        field.accept("X-RateLimit-Limit", limit + ", " + windows(decision, true));
        field.accept("X-RateLimit-Remaining", remaining);
        field.accept("X-RateLimit-Reset", reset);
      }
      case NONE -> {}
    }
  }

  private static String ietf(boolean allowed, LimitState state) {
    Verdict verdict = state.verdict();
    String item = name(state.limit()) + ";r=" + integer(verdict.remaining());
    long micros = allowed ? untilMore(state) : verdict.retryAfterMicros();
    return micros == 0 ? item : item + ";t=" + Math.max(1, seconds(micros));
  }

  /** Microseconds during which no more than what remains can be used; 0 if that is not known. */
  private static long untilMore(LimitState state) {
    Verdict verdict = state.verdict();
    long missing = state.limit().algorithm().limit() - verdict.remaining();
    if (missing <= 1 || !(state.limit().algorithm() instanceof TokenBucket bucket)) {
      return verdict.resetAfterMicros();
    }
    // The last missing - 1 permits take their whole time; the one in the making takes the rest.
    long perPermit = bucket.period().toNanos() / 1_000 / bucket.refill();
    return Math.max(1, verdict.resetAfterMicros() - (missing - 1) * perPermit);
  }

  private static String policies(Decision decision) {
    List<String> items = new ArrayList<>();
    for (Limit limit : enforced(decision)) {
      String item = name(limit) + ";q=" + integer(limit.algorithm().limit());
      long window = windowSeconds(limit.algorithm());
      if (limit.algorithm() instanceof Concurrency) {
        item += ";qu=\"concurrent-requests\"";
      }
      items.add(window == 0 ? item : item + ";w=" + window);
    }
    return String.join(",", items);
  }

  private static String windows(Decision decision, boolean named) {
    List<String> items = new ArrayList<>();
    for (Limit limit : enforced(decision)) {
      String item = Long.toString(integer(limit.algorithm().limit()));
      long window = windowSeconds(limit.algorithm());
      item += window == 0 ? "" : ";w=" + window;
      items.add(named ? item + ";name=" + name(limit) : item);
    }
    return String.join(", ", items);
  }

  private static List<Limit> enforced(Decision decision) {
    List<Limit> limits = new ArrayList<>();
    for (LimitState state : decision.states()) {
      if (state.limit().mode() == Mode.ENFORCED) {
        limits.add(state.limit());
      }
    }
    return limits;
  }

  /** Whole seconds of the window in which a limit's permits return; 0 if it has none. */
  public static long windowSeconds(Algorithm algorithm) {
    return switch (algorithm) {
      case TokenBucket bucket -> timeToFull(bucket);
      case FixedWindow window -> ceil(window.window());
      case SlidingWindow window -> ceil(window.window());
      case SlidingLog log -> ceil(log.window());
      case CalendarQuota quota -> nominal(quota.period());
      case Concurrency concurrency -> 0;
    };
  }

  /** Rounded up; a window too long to multiply out is rounded to whole refills first. */
  private static long timeToFull(TokenBucket bucket) {
    long micros = bucket.period().toNanos() / 1_000;
    if (Math.multiplyHigh(bucket.capacity(), micros) != 0) {
      return integer(Math.ceilDiv(bucket.capacity(), bucket.refill()));
    }
    long product = bucket.capacity() * micros;
    return product < 0 ? MAX_INTEGER : Math.max(1, seconds(Math.ceilDiv(product, bucket.refill())));
  }

  private static long nominal(CalendarPeriod period) {
    return switch (period) {
      case HOUR -> 3_600;
      case DAY -> 86_400;
      case WEEK -> 7 * 86_400;
      case MONTH -> 30 * 86_400;
      case YEAR -> 365 * 86_400;
    };
  }

  private static long ceil(Duration duration) {
    return Math.max(1, duration.plusSeconds(1).minusNanos(1).toSeconds());
  }

  /** Whole seconds, rounded up. */
  public static long seconds(long micros) {
    return micros / 1_000_000 + (micros % 1_000_000 == 0 ? 0 : 1);
  }

  private static long integer(long value) {
    return Math.clamp(value, 0, MAX_INTEGER);
  }

  /** A limit's name as a String of RFC 9651: printable ASCII, quoted. */
  private static String name(Limit limit) {
    String name = limit.name();
    StringBuilder text = new StringBuilder("\"");
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c >= 0x20 && c < 0x7f) {
        text.append(c);
      } else {
        text.append(String.format(Locale.ROOT, "%%%04X", (int) c));
      }
    }
    return text.append('"').toString();
  }
}
