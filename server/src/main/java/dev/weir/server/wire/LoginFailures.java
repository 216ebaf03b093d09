// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.FailurePolicy;
import dev.weir.core.Limit;
import dev.weir.core.Network;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.SlidingLog;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/**
 * Counts the wrong tokens of each address, an IPv6 address as its /64, by a limit of the store that
 * all instances share. Whoever has used it up is not let in even with the right token. Safe for use
 * by any thread.
 */
public final class LoginFailures implements AutoCloseable {

  /** Wrong tokens that are put up with in the window. */
  public static final int LIMIT = 10;

  public static final Duration WINDOW = Duration.ofMinutes(5);

  private static final String DOMAIN = "weir-security";

  private final RateLimiter limiter;
  private final String entry;

  private LoginFailures(RateLimiter limiter, String entry) {
    this.limiter = limiter;
    this.entry = entry;
  }

  /**
   * Failures that are counted apart from others.
   *
   * @param limits makes a limiter over the store of the limits
   * @param what where somebody logs in, such as {@code admin}
   */
  public static LoginFailures of(RateLimiter.Builder limits, String what) {
    requireNonNull(limits, "limits");
    String entry = what + "-address";
    String name = what + "-logins";
    Limit limit = Limit.of(name, new SlidingLog(LIMIT, WINDOW)).onFailure(FailurePolicy.LOCAL);
    Policy policy = Policy.named(name).domain(DOMAIN).key(entry).limit(limit).build();
    return new LoginFailures(limits.policies(PolicySet.of(List.of(policy))).build(), entry);
  }

  /** Seconds until an address may try again; empty if it may now. */
  public CompletionStage<OptionalLong> blocked(String address) {
    return limiter.peekAsync(List.of(descriptor(address))).thenApply(LoginFailures::seconds);
  }

  /** Counts a wrong token; answers as {@link #blocked} does. */
  public CompletionStage<OptionalLong> count(String address) {
    return limiter.checkAsync(List.of(descriptor(address))).thenApply(LoginFailures::seconds);
  }

  private Descriptor descriptor(String address) {
    return Descriptor.of(DOMAIN, entry, site(address));
  }

  private static String site(String address) {
    try {
      return Network.around(address, 32, 64).toString();
    } catch (IllegalArgumentException e) {
      // No address, of a Unix socket say: all of those count together.
      return "none";
    }
  }

  private static OptionalLong seconds(Decision decision) {
    return decision.allowed()
        ? OptionalLong.empty()
        : OptionalLong.of(Math.max(1, Math.ceilDiv(decision.retryAfterMicros(), 1_000_000L)));
  }

  @Override
  public void close() {
    limiter.close();
  }
}
