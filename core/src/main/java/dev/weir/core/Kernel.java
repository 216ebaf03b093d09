// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/**
 * The pure arithmetic of one algorithm with its parameters compiled in.
 *
 * <p>A kernel holds no state: {@code step(state, clock, charge)} answers the next state and a
 * verdict. Kernels with equal parameters are equal. A store on another machine needs the parameters
 * only; the in-memory store and the tests use the steps.
 */
public sealed interface Kernel
    permits TokenBucketKernel,
        WindowKernel,
        SlidingWindowKernel,
        SlidingLogKernel,
        ConcurrencyKernel {

  /** The most that one key can hold; debt goes as far below zero (R12). */
  long limit();
}
