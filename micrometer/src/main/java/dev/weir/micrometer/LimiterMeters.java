// SPDX-License-Identifier: Apache-2.0
package dev.weir.micrometer;

import static java.util.Objects.requireNonNull;

import dev.weir.core.LimiterStatistics;
import dev.weir.core.RateLimiter;
import dev.weir.core.StoreException;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Tells what a limiter keeps beside its decisions: {@code weir.denials.*}, {@code weir.leases.*}
 * and {@code weir.store.failures}. Asks the limiter when a registry is read, and costs decisions
 * nothing. What is told counts for limiters made from this one by {@link RateLimiter#withPolicies},
 * too. Safe for use by any thread.
 */
public final class LimiterMeters implements MeterBinder {

  private final RateLimiter limiter;

  public LimiterMeters(RateLimiter limiter) {
    this.limiter = requireNonNull(limiter, "limiter");
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    gauge(
        registry,
        "weir.denials.remembered",
        "Keys whose denial is remembered now (R28)",
        LimiterStatistics::denialsRemembered);
    counter(
        registry,
        "weir.denials.answered",
        "Checks denied from memory, without the store",
        LimiterStatistics::denialsAnswered);
    gauge(
        registry,
        "weir.leases.keys",
        "Keys that permits are bought for in advance (R26)",
        LimiterStatistics::leasedKeys);
    gauge(
        registry,
        "weir.leases.permits",
        "Permits bought in advance that may be spent now",
        LimiterStatistics::leasedPermits);
    counter(
        registry,
        "weir.leases.permits.bought",
        "Permits that the store gave in advance",
        LimiterStatistics::permitsBought);
    counter(
        registry,
        "weir.leases.permits.returned",
        "Unused permits that the store took back (R29)",
        LimiterStatistics::permitsReturned);
    counter(
        registry,
        "weir.store.refunds",
        "Takes that the store granted when their caller had been denied already, and that were given"
            + " back (R22)",
        LimiterStatistics::takesGivenBack);
    for (StoreException.Category category : StoreException.Category.values()) {
      FunctionCounter.builder(
              "weir.store.failures",
              limiter,
              asked -> asked.statistics().storeFailures().getOrDefault(category, 0L))
          .description(
              "Checks that a failure policy judged in place of the store: timeout (no answer within"
                  + " the deadline), unavailable (not asked, since the circuit is open), full, corrupt")
          .tag("category", category.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      String about,
      ToDoubleFunction<LimiterStatistics> value) {
    Gauge.builder(name, limiter, asked -> value.applyAsDouble(asked.statistics()))
        .description(about)
        .strongReference(true)
        .register(registry);
  }

  private void counter(
      MeterRegistry registry,
      String name,
      String about,
      ToDoubleFunction<LimiterStatistics> value) {
    FunctionCounter.builder(name, limiter, asked -> value.applyAsDouble(asked.statistics()))
        .description(about)
        .register(registry);
  }
}
