// SPDX-License-Identifier: Apache-2.0
package dev.weir.examples;

import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.micrometer.DecisionMeters;
import dev.weir.micrometer.LimiterMeters;
import io.micrometer.core.instrument.MeterRegistry;

/** Decisions of a library as meters of the service around it. */
final class MetersExample {

  private MetersExample() {}

  static RateLimiter run(MeterRegistry registry, PolicySet policies) {
    DecisionMeters decisions = new DecisionMeters();
    decisions.bindTo(registry);
    RateLimiter limiter = RateLimiter.builder().policies(policies).listener(decisions).build();
    new LimiterMeters(limiter).bindTo(registry);
    return limiter;
  }
}
