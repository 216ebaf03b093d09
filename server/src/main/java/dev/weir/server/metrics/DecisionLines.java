// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.metrics;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.LimitState;
import dev.weir.core.PolicySet;
import dev.weir.core.TimeSource;
import dev.weir.server.wire.DecisionRecorder;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Decisions as lines {@code rate_limit_decision} of the logger {@code dev.weir.decisions}, so many
 * a second at most; a line says how many were left out since the one before. Safe for use by any
 * thread.
 */
public final class DecisionLines implements DecisionRecorder {

  /** What every line's message is. */
  public static final String MESSAGE = "rate_limit_decision";

  private static final Logger LOG = LoggerFactory.getLogger("dev.weir.decisions");

  /** The policy of limits that callers bring, as in metrics. */
  private static final String BROUGHT = "(request)";

  private static final int COUNT_BITS = 24;
  private static final double MICROS_PER_MILLI = 1e3;
  private static final long MICROS_PER_SECOND = 1_000_000;

  /** Which decisions are written down. */
  public enum Which {
    NONE,
    DENIED,
    ALL,
    SAMPLED
  }

  /** How a key is shown. */
  public enum Keys {
    /** As a digest that tells keys apart. */
    FINGERPRINT,
    /** As it is, but for entries that are secrets by their names. */
    TEXT
  }

  /**
   * What is written down.
   *
   * @param sample the share of decisions that are, if {@link Which#SAMPLED}; 0..1
   * @param perSecond most lines of one second; 1..1 000 000
   */
  public record Settings(Which which, double sample, int perSecond, Keys keys) {

    /** Denials, a hundred a second. */
    public static final Settings DEFAULT = new Settings(Which.DENIED, 0.01, 100, Keys.FINGERPRINT);

    public Settings {
      requireNonNull(which, "which");
      requireNonNull(keys, "keys");
      if (!(sample >= 0 && sample <= 1)) {
        throw new IllegalArgumentException("sample: " + sample + " (expected: 0..1)");
      }
      if (perSecond < 1 || perSecond > 1_000_000) {
        throw new IllegalArgumentException("per-second: " + perSecond + " (expected: 1..1000000)");
      }
    }
  }

  private final Settings settings;
  private final TimeSource time;
  private final Supplier<PolicySet> policies;
  // The second, and the lines of it.
  private final AtomicLong lines = new AtomicLong();
  private final AtomicLong untold = new AtomicLong();
  private final LongAdder leftOut = new LongAdder();

  /**
   * @param policies those in force, which tell what keys are made of
   */
  public DecisionLines(Settings settings, TimeSource time, Supplier<PolicySet> policies) {
    this.settings = requireNonNull(settings, "settings");
    this.time = requireNonNull(time, "time");
    this.policies = requireNonNull(policies, "policies");
  }

  /** Lines that were left out because there were too many of them. */
  public long leftOut() {
    return leftOut.sum();
  }

  @Override
  public boolean wants(Decision decision) {
    return switch (settings.which) {
      case NONE -> false;
      case DENIED -> !decision.allowed() && LOG.isInfoEnabled();
      case ALL -> LOG.isInfoEnabled();
      case SAMPLED ->
          ThreadLocalRandom.current().nextDouble() < settings.sample && LOG.isInfoEnabled();
    };
  }

  @Override
  public void record(
      List<Descriptor> descriptors,
      Decision decision,
      long micros,
      Supplier<Optional<String>> requestId) {
    if (!take(time.micros() / MICROS_PER_SECOND)) {
      leftOut.increment();
      untold.incrementAndGet();
      return;
    }
    LoggingEventBuilder line =
        LOG.atInfo()
            .addKeyValue("outcome", decision.allowed() ? "allowed" : "denied")
            .addKeyValue("reason", decision.reason().word())
            .addKeyValue("domain", descriptors.getFirst().domain());
    LimitState deciding = decision.deciding().orElse(null);
    if (deciding != null) {
      line =
          line.addKeyValue("policy", deciding.policy().isEmpty() ? BROUGHT : deciding.policy())
              .addKeyValue("limit", deciding.limit().name())
              .addKeyValue("key", key(deciding))
              .addKeyValue("remaining", decision.remaining());
    }
    if (!decision.allowed()) {
      line = line.addKeyValue("retry_after_ms", Math.ceilDiv(decision.retryAfterMicros(), 1_000));
    }
    Optional<String> id = requestId.get();
    if (id.isPresent()) {
      line = line.addKeyValue("request_id", id.get());
    }
    line = line.addKeyValue("duration_ms", micros / MICROS_PER_MILLI);
    long omitted = untold.getAndSet(0);
    if (omitted > 0) {
      line = line.addKeyValue("omitted", omitted);
    }
    line.log(MESSAGE);
  }

  private String key(LimitState deciding) {
    return switch (settings.keys) {
      case FINGERPRINT -> KeyText.fingerprint(deciding.key());
      case TEXT -> new KeyText(policies.get()).of(deciding.policy(), deciding.key());
    };
  }

  /** Whether there is room for one more line in this second. */
  private boolean take(long second) {
    long before = lines.get();
    while (true) {
      long count = before >>> COUNT_BITS == second ? before & (1 << COUNT_BITS) - 1 : 0;
      if (count >= settings.perSecond) {
        return false;
      }
      long witness = lines.compareAndExchange(before, second << COUNT_BITS | count + 1);
      if (witness == before) {
        return true;
      }
      before = witness;
    }
  }
}
