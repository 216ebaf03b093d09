// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Small numbers for kernels, so that a cell can name the parameters that its state is counted in
 * (R21) and a sweep can tell when the state no longer matters.
 */
final class KernelIds {

  /** Bits that a cell spends on the number. */
  static final int BITS = 20;

  /**
   * How many different parameters requests may bring while the process lives: a quarter, so that
   * nobody who sends limits takes the numbers that policies need.
   */
  static final Budget REQUESTED = new Budget(1 << (BITS - 2));

  private static final ConcurrentHashMap<Kernel, Integer> IDS = new ConcurrentHashMap<>();
  private static volatile Kernel[] byId = new Kernel[64];

  private KernelIds() {}

  /**
   * The number of a kernel, the same as long as the process lives.
   *
   * @throws StoreException if a million different parameters have been in use
   */
  static int of(Kernel kernel) {
    Integer id = IDS.get(kernel);
    return id != null ? id : add(kernel, null);
  }

  /**
   * The number of a kernel that a request brought.
   *
   * @throws IllegalArgumentException if it is new and the budget is spent
   */
  static int of(Kernel kernel, Budget budget) {
    Integer id = IDS.get(kernel);
    return id != null ? id : add(kernel, budget);
  }

  static Kernel kernel(int id) {
    return byId[id];
  }

  private static synchronized int add(Kernel kernel, @Nullable Budget budget) {
    Integer known = IDS.get(kernel);
    if (known != null) {
      return known;
    }
    int id = IDS.size();
    if (id == 1 << BITS) {
      throw new StoreException(
          StoreException.Category.FULL, "too many different limit parameters in use");
    }
    if (budget != null) {
      budget.spend();
    }
    Kernel[] kernels = byId;
    if (id == kernels.length) {
      kernels = Arrays.copyOf(kernels, 2 * id);
    }
    kernels[id] = kernel;
    // Writing it again publishes the element: who learns the number reads the array afterwards.
    byId = kernels;
    IDS.put(kernel, id);
    return id;
  }

  /** How many new numbers somebody may still have. Used under the lock of the numbers. */
  static final class Budget {
    private final int all;
    private int left;

    Budget(int all) {
      this.all = all;
      this.left = all;
    }

    private void spend() {
      if (left == 0) {
        throw new IllegalArgumentException(
            "limit: new parameters (expected: at most " + all + " different ones by requests)");
      }
      left--;
    }
  }
}
