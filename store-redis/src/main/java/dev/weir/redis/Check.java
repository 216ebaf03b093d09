// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import dev.weir.core.Charge;
import dev.weir.core.Mode;
import dev.weir.core.Operation;
import dev.weir.core.StoreException;
import dev.weir.core.Verdict;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One check on its way to Redis and back: the caller's future, and a link of the lists that it
 * waits in. Made by the caller's thread; everything that changes afterwards belongs to its lane's
 * event loop.
 */
final class Check extends CompletableFuture<List<Verdict>> {

  /** Most that {@code take.lua} can read of a cost. */
  private static final long MAX_PLAIN_COST = (1 << 24) - 1;

  final List<Charge> charges;
  final RedisKey[] keys;
  final WireLimit[] limits;
  /* The charges in order of key and tag, as the scripts want them; null if that is their order. */
  final int @Nullable [] order;

  /** Whether it only gives back, so that nobody waits for it. */
  final boolean givesBack;

  long dueMicros;

  @Nullable Check next;
  int depth;

  /** Only for a check that could wait at {@code take.lua}'s door: not so if it was found odd. */
  boolean plain;

  /** To be sent on its own, after a cluster could not serve it together with others. */
  boolean alone;

  /** To be sent to a node that is still importing the slot. */
  boolean asking;

  /** Being looked into elsewhere: in no lane's hands. */
  volatile boolean away;

  /** How often it has been sent without having been executed. */
  int returns;

  /* What its keys were found to hold beside the states of its limits. */
  List<WireLimit> met = List.of();
  List<Integer> foreign = List.of();

  private boolean over;
  private @Nullable CompletableFuture<List<Verdict>> late;

  Check(List<Charge> charges, RedisKey[] keys, WireLimit[] limits, long dueMicros) {
    this.charges = charges;
    this.keys = keys;
    this.limits = limits;
    this.givesBack = givesBack(charges);
    this.dueMicros = dueMicros;
    this.order = charges.size() == 1 ? null : order(keys, limits);
    this.plain = plain(charges, limits) && (order == null || distinct(keys, limits, order));
  }

  static boolean givesBack(List<Charge> charges) {
    for (int i = 0; i < charges.size(); i++) {
      Operation operation = charges.get(i).operation();
      if (!(operation instanceof Operation.Refund || operation instanceof Operation.Release)) {
        return false;
      }
    }
    return true;
  }

  private static boolean plain(List<Charge> charges, WireLimit[] limits) {
    for (int i = 0; i < limits.length; i++) {
      Charge charge = charges.get(i);
      if (!(charge.operation() instanceof Operation.Take)
          || charge.mode() != Mode.ENFORCED
          || charge.cost() < 1
          || charge.cost() > MAX_PLAIN_COST
          || !limits[i].plain()) {
        return false;
      }
    }
    return true;
  }

  private static int[] order(RedisKey[] keys, WireLimit[] limits) {
    int[] order = new int[keys.length];
    for (int i = 0; i < order.length; i++) {
      int at = i;
      while (at > 0 && compare(keys, limits, order[at - 1], i) > 0) {
        order[at] = order[at - 1];
        at--;
      }
      order[at] = i;
    }
    return order;
  }

  private static int compare(RedisKey[] keys, WireLimit[] limits, int a, int b) {
    if (keys[a] != keys[b]) {
      int byName = java.util.Arrays.compare(keys[a].name, keys[b].name);
      if (byName != 0) {
        return byName;
      }
    }
    return Integer.compareUnsigned(limits[a].tag(), limits[b].tag());
  }

  private static boolean distinct(RedisKey[] keys, WireLimit[] limits, int[] order) {
    for (int i = 1; i < order.length; i++) {
      for (int j = 0; j < i; j++) {
        if (limits[order[i]].id.equals(limits[order[j]].id)
            && keys[order[i]].same(keys[order[j]])) {
          return false;
        }
      }
    }
    return true;
  }

  /** The position among the charges of the one that the scripts get as their nth. */
  int position(int nth) {
    return order == null ? nth : order[nth];
  }

  /** Whether every limit has its tag. */
  boolean ready() {
    for (WireLimit limit : limits) {
      if (!limit.tagged()) {
        return false;
      }
    }
    return true;
  }

  boolean needs(WireLimit limit) {
    for (WireLimit each : limits) {
      if (each == limit) {
        return true;
      }
    }
    return false;
  }

  /** Whether the caller has been answered. */
  boolean over() {
    return over;
  }

  /** Answers the caller, or tells whoever wanted to hear of a late answer. */
  void answer(List<Verdict> verdicts) {
    if (!over) {
      over = true;
      complete(verdicts);
    } else if (late != null) {
      late.complete(verdicts);
    }
  }

  /** The check was not and will not be executed, or nobody knows and nobody will hear. */
  void fail(StoreException.Category category, String message) {
    if (!over) {
      over = true;
      completeExceptionally(new StoreException(category, message));
    } else if (late != null) {
      late.completeExceptionally(new StoreException(category, message));
    }
  }

  /** The deadline has come while the check was under way: it may have been executed (R22). */
  void expireSent() {
    over = true;
    late = new CompletableFuture<>();
    completeExceptionally(
        new StoreException(StoreException.Category.TIMEOUT, "no answer from Redis in time", late));
  }
}
