// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The answer to a check. Immutable.
 *
 * @param allowed whether to go on
 * @param reason why, in the words of the decision API; {@code fallback} if Weir did not answer
 * @param policy the policy that decided, if one did
 * @param limit its limit
 * @param remaining whole permits left there
 * @param retryAfter when denied: the same check is admitted after that time if nothing else
 *     happens; empty if waiting does not help or that is not known. Whole milliseconds
 * @param resetAfter the limit is as if never used after that time. Whole milliseconds
 * @param receipts what to present for a refund
 * @param trouble why the fallback answered and not Weir; empty if Weir did
 */
public record Answer(
    boolean allowed,
    String reason,
    Optional<String> policy,
    Optional<String> limit,
    OptionalLong remaining,
    Optional<Duration> retryAfter,
    Optional<Duration> resetAfter,
    List<String> receipts,
    Optional<Trouble> trouble) {

  private static final String FALLBACK = "fallback";

  public Answer {
    requireNonNull(reason, "reason");
    requireNonNull(policy, "policy");
    requireNonNull(limit, "limit");
    requireNonNull(remaining, "remaining");
    requireNonNull(retryAfter, "retryAfter");
    requireNonNull(resetAfter, "resetAfter");
    receipts = List.copyOf(receipts);
    requireNonNull(trouble, "trouble");
  }

  static Answer fallback(boolean allowed, Trouble trouble) {
    return new Answer(
        allowed,
        FALLBACK,
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.of(trouble));
  }

  /** Whether Weir decided, rather than the fallback. */
  public boolean decided() {
    return trouble.isEmpty();
  }
}
