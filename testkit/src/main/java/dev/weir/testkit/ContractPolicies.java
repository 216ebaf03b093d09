// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import dev.weir.core.Algorithm;
import dev.weir.core.Descriptor;
import dev.weir.core.FixedWindow;
import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.Store;
import java.time.Duration;
import java.util.List;

/** The policies and limits that contracts are tried with. */
final class ContractPolicies {

  private ContractPolicies() {}

  static Policy policy(String name, Limit... limits) {
    return Policy.named(name).key("k").limits(List.of(limits)).build();
  }

  static PolicySet set(Policy... policies) {
    return PolicySet.of(List.of(policies));
  }

  static Descriptor key(String value) {
    return Descriptor.of("default", "k", value);
  }

  static Limit limit(Algorithm algorithm) {
    return Limit.of("limit", algorithm);
  }

  static Limit tight(String name, long permits) {
    return Limit.of(name, new FixedWindow(permits, Duration.ofHours(1)));
  }

  static long remaining(RateLimiter limiter, Descriptor descriptor) {
    return limiter.peek(List.of(descriptor.withCost(0))).remaining();
  }

  /** A limiter that remembers by the clock that its store judges by. */
  static RateLimiter limiter(Store store, ManualTimeSource clock, PolicySet policies) {
    return RateLimiter.builder().store(store).policies(policies).clock(clock).build();
  }

  /** Remaining at one limit of the key "u". */
  static long remaining(RateLimiter limiter, String limit) {
    return limiter.peek(List.of(key("u").withCost(0))).states().stream()
        .filter(state -> state.limit().name().equals(limit))
        .findFirst()
        .orElseThrow()
        .verdict()
        .remaining();
  }
}
