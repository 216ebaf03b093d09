// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.control;

import dev.weir.policy.PolicyCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What an instance without listeners has in force. */
final class TestInForce implements InForce {

  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final PolicyCatalog files;
  private Optional<PolicyCatalog> put = Optional.empty();
  private final List<String> entered = new ArrayList<>();
  private String refusal = "";

  TestInForce(PolicyCatalog files) {
    this.files = files;
  }

  /** Refuses what is put from now on. */
  synchronized void refuse(String why) {
    refusal = why;
  }

  @Override
  public synchronized PolicyCatalog catalog() {
    return put.orElse(files);
  }

  @Override
  public PolicyCatalog files() {
    return files;
  }

  @Override
  public synchronized void check(PolicyCatalog candidate) {
    if (!refusal.isEmpty()) {
      throw new IllegalArgumentException(refusal);
    }
  }

  @Override
  public synchronized void put(Optional<PolicyCatalog> other) {
    other.ifPresent(this::check);
    put = other;
    notifyAll();
  }

  @Override
  public synchronized String enter(String state) {
    String name = catalog().states().contains(state) ? state : PolicyCatalog.NORMAL;
    entered.add(name);
    notifyAll();
    return name;
  }

  synchronized String state() {
    return entered.isEmpty() ? PolicyCatalog.NORMAL : entered.getLast();
  }

  /** Waits until a state has been entered. */
  synchronized void await(String state) throws InterruptedException {
    long end = System.nanoTime() + MOST_NANOS;
    while (entered.isEmpty() || !entered.getLast().equals(state)) {
      pause(end, state + ", but " + entered);
    }
  }

  /** Waits until so many policies are in force. */
  synchronized void await(int policies) throws InterruptedException {
    long end = System.nanoTime() + MOST_NANOS;
    while (catalog().in(PolicyCatalog.NORMAL).policies().size() != policies) {
      pause(end, policies + " policies, but " + catalog());
    }
  }

  private void pause(long end, String expected) throws InterruptedException {
    long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    if (left <= 0) {
      throw new AssertionError("expected " + expected);
    }
    wait(left);
  }
}
