// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** What a caller wants of the limits that its descriptors meet. */
sealed interface Intent {

  /** Take from limits, hold in concurrency limits; all or nothing. */
  record Check(String id, Optional<Duration> ttl) implements Intent {}

  /** Judge without taking. */
  record Peek() implements Intent {}

  /** Charge what the work turned out to cost. */
  @SuppressWarnings("AvoidCommonTypeNames") // the word of the semantics
  record Record() implements Intent {}

  /** Extend holds. */
  record Renew(String id, Optional<Duration> ttl) implements Intent {}

  /** Give up holds. */
  record Release(String id) implements Intent {}

  /** Add permits. */
  record Grant() implements Intent {}

  /** Forget what was used. */
  record Reset() implements Intent {}

  Peek PEEK = new Peek();
  Record RECORD = new Record();
  Grant GRANT = new Grant();
  Reset RESET = new Reset();

  static Check check() {
    return new Check("", Optional.empty());
  }

  static Check hold(String id, Duration ttl) {
    Require.text("id", requireNonNull(id, "id"), 100);
    return new Check(id, Optional.of(ttl));
  }

  /** The operation on one limit, or nothing if the limit has no part in it. */
  static Optional<Operation> operation(Intent intent, Limit limit) {
    boolean holds = limit.algorithm() instanceof Concurrency;
    return Optional.ofNullable(
        switch (intent) {
          case Check check -> holds ? holdOf(check, limit) : Operation.TAKE;
          case Peek p -> Operation.PEEK;
          case Record r -> holds ? null : Operation.RECORD;
          case Renew renew -> holds ? new Operation.Renew(renew.id, ttl(renew.ttl, limit)) : null;
          case Release release -> holds ? new Operation.Release(release.id) : null;
          case Grant g -> holds ? null : Operation.GRANT;
          case Reset r -> Operation.RESET;
        });
  }

  private static Operation holdOf(Check check, Limit limit) {
    String id = check.id.isEmpty() ? randomId() : check.id;
    return new Operation.Hold(id, ttl(check.ttl, limit));
  }

  private static long ttl(Optional<Duration> ttl, Limit limit) {
    Duration longest = ((Concurrency) limit.algorithm()).expiry();
    Duration asked = ttl.orElse(longest);
    return Require.micros("ttl", asked.compareTo(longest) < 0 ? asked : longest);
  }

  private static String randomId() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
  }
}
