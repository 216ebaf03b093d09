// SPDX-License-Identifier: Apache-2.0
package dev.weir.examples;

import dev.weir.core.Concurrency;
import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.FixedWindow;
import dev.weir.core.Limit;
import dev.weir.core.MemoryStore;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.TokenBucket;
import dev.weir.core.ValuePattern;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;

/** What the library's page shows. */
final class LibraryGuide {

  private LibraryGuide() {}

  static RateLimiter policies() {
    Policy perUser =
        Policy.named("per-user")
            .domain("api")
            .match("user", ValuePattern.any())
            .key("user")
            .limit(Limit.of("burst", TokenBucket.of(10, Duration.ofSeconds(1))))
            .limit(Limit.of("hourly", new FixedWindow(1_000, Duration.ofHours(1))))
            .build();
    Policy running =
        Policy.named("running")
            .domain("jobs")
            .key("tenant")
            .limit(Limit.of("at-once", new Concurrency(2, Duration.ofMinutes(1))))
            .build();
    PolicySet policies = PolicySet.of(List.of(perUser, running));
    return RateLimiter.create(MemoryStore.create(), policies);
  }

  static boolean transfer(RateLimiter limiter) {
    Decision both =
        limiter.check(
            List.of(
                Descriptor.of("api", "user", "ann").withCost(2),
                Descriptor.of("api", "user", "ben")));
    return both.allowed();
  }

  static long[] peekAndRefund(RateLimiter limiter) {
    List<Descriptor> upload = List.of(Descriptor.of("api", "user", "eve").withCost(5));
    long before = limiter.peek(upload).remaining();
    Decision taken = limiter.check(upload);
    long back = limiter.refund(taken.receipts());
    return new long[] {before, back, limiter.peek(upload).remaining()};
  }

  static Decision tokens(RateLimiter limiter, long used) {
    Descriptor user = Descriptor.of("api", "user", "joe");
    if (!limiter.peek(List.of(user)).allowed()) {
      throw new IllegalStateException("come back later");
    }
    return limiter.record(List.of(user.withCost(used)));
  }

  static boolean job(RateLimiter limiter, String id, Runnable work) {
    List<Descriptor> job = List.of(Descriptor.of("jobs", "tenant", "acme"));
    Decision held = limiter.hold(job, id, Duration.ofSeconds(30));
    if (held.allowed()) {
      try {
        work.run();
      } finally {
        limiter.release(job, id);
      }
    }
    return held.allowed();
  }

  static CompletionStage<String> later(RateLimiter limiter) {
    return limiter
        .checkAsync(List.of(Descriptor.of("api", "user", "ann")))
        .thenApply(decision -> decision.allowed() ? "welcome" : decision.reason().word());
  }

  static RateLimiter heard(PolicySet policies, LongAdder denials) {
    return RateLimiter.builder()
        .store(MemoryStore.create())
        .policies(policies)
        .listener(
            (descriptors, decision) -> {
              if (!decision.allowed()) {
                denials.increment();
              }
            })
        .build();
  }
}
