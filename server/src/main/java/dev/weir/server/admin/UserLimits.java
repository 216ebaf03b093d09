// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import dev.weir.core.Descriptor;
import dev.weir.core.LimitState;
import dev.weir.core.Policy;
import dev.weir.core.RateLimiter;
import dev.weir.server.identity.User;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * The limits that count by user: those that a descriptor of the entries {@code user}, {@code tier}
 * and, if there is one, {@code tenant} meets. Safe for use by any thread.
 */
final class UserLimits {

  private static final String USER = "user";
  private static final int MAX_DOMAINS = 16;

  private final Optional<String> domain;
  private final Supplier<RateLimiter> limiter;

  /**
   * @param domain the only domain that counts; every one with a policy by user if empty
   */
  UserLimits(Optional<String> domain, Supplier<RateLimiter> limiter) {
    this.domain = domain;
    this.limiter = limiter;
  }

  /** How each of them is for a user; nothing is charged. */
  CompletionStage<List<LimitState>> peek(User user) {
    RateLimiter current = limiter.get();
    List<Descriptor> descriptors = descriptors(user, current);
    return descriptors.isEmpty()
        ? CompletableFuture.completedFuture(List.of())
        : current.peekAsync(descriptors).thenApply(decision -> decision.states());
  }

  /** Makes each of them as if the user had never come. */
  CompletionStage<List<LimitState>> reset(User user) {
    RateLimiter current = limiter.get();
    List<Descriptor> descriptors = descriptors(user, current);
    return descriptors.isEmpty()
        ? CompletableFuture.completedFuture(List.of())
        : current.resetAsync(descriptors).thenApply(decision -> decision.states());
  }

  private List<Descriptor> descriptors(User user, RateLimiter current) {
    List<Descriptor.Entry> entries = new ArrayList<>();
    entries.add(new Descriptor.Entry(USER, user.id()));
    entries.add(new Descriptor.Entry("tier", user.tier()));
    user.tenant().ifPresent(tenant -> entries.add(new Descriptor.Entry("tenant", tenant)));
    return domains(current).stream().map(name -> Descriptor.of(name, entries).withCost(0)).toList();
  }

  private Set<String> domains(RateLimiter current) {
    if (domain.isPresent()) {
      return Set.of(domain.get());
    }
    Set<String> domains = new LinkedHashSet<>();
    for (Policy policy : current.policies().policies()) {
      if (domains.size() < MAX_DOMAINS
          && policy.key().stream().anyMatch(part -> part.entry().equals(USER))) {
        domains.add(policy.domain());
      }
    }
    return domains;
  }
}
