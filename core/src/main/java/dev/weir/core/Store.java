// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Where the state of charges lives. Safe for use by any number of threads.
 *
 * <p>The store owns the clock: it reads the time once per call and judges every charge by it.
 */
public interface Store extends AutoCloseable {

  /** Most charges of one check. */
  int MAX_CHARGES = 100;

  /**
   * Judges one check: takes every charge or none.
   *
   * <p>All enforced {@linkplain Operation.Take takes} and {@linkplain Operation.Hold holds} are
   * admitted together or none of them takes anything (R1); shadow ones are judged last, each on its
   * own (R11). Operations that are never denied happen in any case. Charges on the same key are
   * judged in order.
   *
   * @param charges 1..{@value #MAX_CHARGES}
   * @return one verdict per charge, in order; fails with a {@link StoreException} if the store
   *     cannot judge
   */
  CompletionStage<List<Verdict>> apply(List<Charge> charges);

  @Override
  void close();
}
