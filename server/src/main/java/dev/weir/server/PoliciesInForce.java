// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.Objects.requireNonNull;

import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.policy.PolicyCatalog;
import dev.weir.server.control.InForce;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The limiter that decides, made of what the files say, what was put in their place, and the load
 * state. Each change makes a new limiter over the same counters, with a higher version (R21).
 */
final class PoliciesInForce implements InForce, Supplier<RateLimiter> {

  private final Consumer<PolicySet> check;
  // Read by every request; written under the lock.
  private volatile RateLimiter limiter;
  // Guarded by this.
  private PolicyCatalog files;
  private @Nullable PolicyCatalog put;
  private String state = PolicyCatalog.NORMAL;
  private PolicySet taken;

  /**
   * @param check refuses policies that cannot be decided by here
   */
  PoliciesInForce(RateLimiter limiter, PolicyCatalog files, Consumer<PolicySet> check) {
    this.limiter = requireNonNull(limiter, "limiter");
    this.files = requireNonNull(files, "files");
    this.check = requireNonNull(check, "check");
    this.taken = files.in(PolicyCatalog.NORMAL);
  }

  /** The limiter in force. */
  @Override
  public RateLimiter get() {
    return limiter;
  }

  @Override
  public synchronized PolicyCatalog catalog() {
    return put == null ? files : put;
  }

  @Override
  public synchronized PolicyCatalog files() {
    return files;
  }

  @Override
  public void check(PolicyCatalog candidate) {
    candidate.states().forEach(each -> check.accept(candidate.in(each)));
  }

  @Override
  public synchronized void put(Optional<PolicyCatalog> other) {
    other.ifPresent(this::check);
    put = other.orElse(null);
    swap();
  }

  /** Takes what the files say now; in force unless something was put in their place. */
  synchronized void files(PolicyCatalog other) {
    files = other;
    swap();
  }

  @Override
  public synchronized String enter(String wanted) {
    state = wanted;
    swap();
    return entered();
  }

  private String entered() {
    return catalog().states().contains(state) ? state : PolicyCatalog.NORMAL;
  }

  private void swap() {
    PolicySet next = catalog().in(entered());
    if (next != taken) {
      taken = next;
      limiter = limiter.withPolicies(next.withVersion(limiter.policies().version() + 1));
    }
  }
}
