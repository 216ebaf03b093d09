// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import java.util.HashMap;
import java.util.Map;

/** Permits held under ids. */
final class HoldsLedger implements Ledger {
  private final long limit;
  private final long expiry;
  private final Map<String, Event> holds = new HashMap<>();

  HoldsLedger(long limit, long expiry) {
    this.limit = limit;
    this.expiry = expiry;
  }

  boolean has(String id, long now) {
    Event hold = holds.get(id);
    return hold != null && hold.time() > now;
  }

  /** Holds or, if it is held, renews. */
  long hold(String id, long amount, long ttl, long now) {
    Event held = holds.get(id);
    long permits = held != null && held.time() > now ? held.amount() : amount;
    holds.put(id, new Event(now + Math.min(ttl, expiry), permits));
    return permits;
  }

  long release(String id, long now) {
    Event hold = holds.remove(id);
    return hold != null && hold.time() > now ? hold.amount() : 0;
  }

  @Override
  public HoldsLedger copy() {
    HoldsLedger copy = new HoldsLedger(limit, expiry);
    copy.holds.putAll(holds);
    return copy;
  }

  @Override
  public boolean stepped(long now) {
    return false;
  }

  @Override
  public void repair(long now) {}

  @Override
  public long left(long now) {
    long held = 0;
    for (Event hold : holds.values()) {
      held += hold.time() > now ? hold.amount() : 0;
    }
    return limit - held;
  }

  @Override
  public void take(long now, long amount) {
    throw new IllegalStateException("a concurrency limit holds under an id");
  }

  @Override
  public long stamp(long now) {
    return 0;
  }

  @Override
  public void giveBack(long now, long stamp, long amount) {}

  @Override
  public void grant(long now, long amount) {}
}
