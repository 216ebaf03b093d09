// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

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
public final class LoginFailures {

  /** Wrong tokens that are put up with in the window. */
  static final int LIMIT = 10;

  static final Duration WINDOW = Duration.ofMinutes(5);

  private static final String DOMAIN = "weir-security";
  private static final String ADDRESS = "admin-address";

  private final RateLimiter limiter;

  /**
   * @param limiter a limiter of {@link #policies}
   */
  public LoginFailures(RateLimiter limiter) {
    this.limiter = requireNonNull(limiter, "limiter");
  }

  /** What counts wrong tokens. */
  public static PolicySet policies() {
    Limit limit =
        Limit.of("admin-logins", new SlidingLog(LIMIT, WINDOW)).onFailure(FailurePolicy.LOCAL);
    return PolicySet.of(
        List.of(Policy.named("admin-logins").domain(DOMAIN).key(ADDRESS).limit(limit).build()));
  }

  /** Seconds until an address may try again; empty if it may now. */
  CompletionStage<OptionalLong> blocked(String address) {
    return limiter.peekAsync(List.of(descriptor(address))).thenApply(LoginFailures::seconds);
  }

  /** Counts a wrong token; answers as {@link #blocked} does. */
  CompletionStage<OptionalLong> count(String address) {
    return limiter.checkAsync(List.of(descriptor(address))).thenApply(LoginFailures::seconds);
  }

  private static Descriptor descriptor(String address) {
    return Descriptor.of(DOMAIN, ADDRESS, site(address));
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
}
