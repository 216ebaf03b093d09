// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/** The state of one key under one algorithm; immutable. */
sealed interface State
    permits TokenBucketKernel.Bucket,
        WindowKernel.Window,
        SlidingWindowKernel.Counters,
        SlidingLogKernel.Log,
        ConcurrencyKernel.Holds {}
