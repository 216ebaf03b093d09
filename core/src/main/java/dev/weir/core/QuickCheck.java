// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The check of one descriptor that meets one enforced limit, without a lock or a store call. */
final class QuickCheck {

  private QuickCheck() {}

  /** Whether a match is one enforced limit and nothing else. */
  static boolean fits(PolicyMatch match) {
    return match.listing() == Listing.NONE
        && match.limits().size() == 1
        && match.limits().getFirst().limit().mode() == Mode.ENFORCED
        && !match.mayShed();
  }

  /** Takes one permit from the key in the scratch, if that is done by one CAS. */
  static boolean take(MemoryStore store, BoundLimit limit, Scratch scratch) {
    limit.id().hash().hash(scratch);
    long now = store.time().micros();
    return store.takeQuickly(limit.kernel(), limit.kernelId(), scratch, 1, now) >= 0;
  }

  /**
   * Judges a take from the key in the scratch.
   *
   * @return null if it must go the long way
   */
  static @Nullable Decision judge(
      MemoryStore store, BoundLimit limit, String policy, Scratch scratch, long cost) {
    Kernel kernel = limit.kernel();
    limit.id().hash().hash(scratch);
    long now = store.time().micros();
    long left = store.takeQuickly(kernel, limit.kernelId(), scratch, cost, now);
    if (left < 0) {
      Verdict denial = store.denyQuickly(kernel, limit.kernelId(), scratch, cost);
      return denial == null
          ? null
          : denied(policy, limit, CounterKey.wrap(limit.id(), scratch.key.copy()), denial);
    }
    return new QuickAllowed(policy, limit, scratch.key.copy(), left, cost, now, false);
  }

  /** The denial of a check by its only limit. */
  static Decision denied(String policy, BoundLimit limit, CounterKey key, Verdict denial) {
    boolean tooBig = denial.outcome() == Verdict.Outcome.TOO_BIG;
    return new Decision.Denied(
        tooBig ? Reason.TOO_BIG : Reason.OVER_LIMIT,
        List.of(new LimitState(policy, limit.limit(), 0, key, denial, Optional.empty(), false)));
  }

  /** What every key of the default domain meets, if that is one enforced limit and no more. */
  static @Nullable BoundLimit onlyLimit(PolicySet policies) {
    if (policies.policies().size() != 1) {
      return null;
    }
    List<PolicyMatch> matches =
        policies.match(Descriptor.of(RateLimiter.DEFAULT_DOMAIN, RateLimiter.DEFAULT_KEY, "any"));
    Policy policy = policies.policies().getFirst();
    boolean alike =
        matches.size() == 1
            && policy
                .conditions()
                .equals(List.of(new Condition(RateLimiter.DEFAULT_KEY, ValuePattern.any())))
            && policy.key().equals(List.of(new KeyPart.Value(RateLimiter.DEFAULT_KEY)))
            && policy.overrides().isEmpty()
            && policy.allow().isEmpty()
            && policy.deny().isEmpty()
            && policy.cost().isEmpty()
            && policy.partition().isEmpty()
            && policy.priority().isEmpty();
    return alike && fits(matches.getFirst()) ? matches.getFirst().limits().getFirst() : null;
  }
}
