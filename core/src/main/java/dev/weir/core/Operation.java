// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

/** What a charge does to the state of its key. */
public sealed interface Operation {

  /** Take the whole cost or nothing. On a concurrency limit the store holds it under a new id. */
  record Take() implements Operation {}

  /** Take as much of the cost as there is, perhaps nothing; never denied. */
  record TakeUpTo() implements Operation {}

  /** Change nothing; judge as a take would, with a cost of 0 judged as 1 (R10). */
  record Peek() implements Operation {}

  /** Take the whole cost even into debt, at most one further limit deep (R12); never denied. */
  @SuppressWarnings("AvoidCommonTypeNames") // the word of the semantics
  record Record() implements Operation {}

  /** Give back what a receipt's charge took, as far as it still counts (R10). */
  record Refund(Receipt receipt) implements Operation {
    public Refund {
      requireNonNull(receipt, "receipt");
    }
  }

  /** Add the cost, capped at full (R10). */
  record Grant() implements Operation {}

  /** Forget everything: the key is as if never used. */
  record Reset() implements Operation {}

  /**
   * Hold the cost under an id until released or expired; the same id again renews it (R17). Limits
   * that hold nothing take instead.
   *
   * @param id 1..100 characters, unique among the holds of the key
   * @param ttlMicros how long, 1 or more; the limit's expiry is the most
   */
  record Hold(String id, long ttlMicros) implements Operation {
    public Hold {
      Require.text("id", requireNonNull(id, "id"), 100);
      Require.within("ttlMicros", ttlMicros, 1, Long.MAX_VALUE);
    }
  }

  /** Extend a hold; denied if it is gone. */
  record Renew(String id, long ttlMicros) implements Operation {
    public Renew {
      Require.text("id", requireNonNull(id, "id"), 100);
      Require.within("ttlMicros", ttlMicros, 1, Long.MAX_VALUE);
    }
  }

  /** Give up a hold; to release what is not held changes nothing (R17). */
  record Release(String id) implements Operation {
    public Release {
      Require.text("id", requireNonNull(id, "id"), 100);
    }
  }

  Take TAKE = new Take();
  TakeUpTo TAKE_UP_TO = new TakeUpTo();
  Peek PEEK = new Peek();
  Record RECORD = new Record();
  Grant GRANT = new Grant();
  Reset RESET = new Reset();
}
