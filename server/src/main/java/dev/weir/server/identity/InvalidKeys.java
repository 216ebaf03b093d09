// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

import static java.util.Objects.requireNonNull;

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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Counts the invalid keys of each address, an IPv6 address as its /64, by a limit of the store that
 * all instances share: whoever tries one too many is banned everywhere. Safe for use by any thread.
 */
public final class InvalidKeys {

  /**
   * When to ban.
   *
   * @param limit invalid keys that are put up with in a window; 1..10000
   * @param window how long each counts
   * @param ban how long an address is banned
   */
  public record Settings(long limit, Duration window, Duration ban) {

    /** Ten in five minutes; then a quarter of an hour. */
    public static final Settings DEFAULT =
        new Settings(10, Duration.ofMinutes(5), Duration.ofMinutes(15));

    public Settings {
      requireNonNull(window, "window");
      requireNonNull(ban, "ban");
    }
  }

  private static final String DOMAIN = "weir-security";
  private static final String ADDRESS = "address";

  private final Settings settings;
  private final RateLimiter limiter;
  private final Bans bans;

  /**
   * @param limiter a limiter of {@link #policies}
   */
  public InvalidKeys(Settings settings, RateLimiter limiter, Bans bans) {
    this.settings = requireNonNull(settings, "settings");
    this.limiter = requireNonNull(limiter, "limiter");
    this.bans = requireNonNull(bans, "bans");
  }

  /** What counts invalid keys. */
  public static PolicySet policies(Settings settings) {
    Limit limit =
        Limit.of("invalid-keys", new SlidingLog(settings.limit(), settings.window()))
            .onFailure(FailurePolicy.LOCAL);
    return PolicySet.of(
        List.of(Policy.named("invalid-keys").domain(DOMAIN).key(ADDRESS).limit(limit).build()));
  }

  /** Counts one; the ban that follows from it, if one does. */
  public CompletionStage<Optional<Ban>> count(String address) {
    Optional<Network> site = Bans.site(address);
    if (site.isEmpty()) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return limiter
        .checkAsync(List.of(Descriptor.of(DOMAIN, ADDRESS, site.get().toString())))
        .thenApply(
            decision ->
                decision.allowed()
                    ? Optional.empty()
                    : Optional.of(bans.banNow(site.get(), settings.ban(), "invalid API keys")));
  }
}
