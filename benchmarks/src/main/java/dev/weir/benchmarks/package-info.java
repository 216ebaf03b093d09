// SPDX-License-Identifier: Apache-2.0
/** Benchmarks: Weir and its peers side by side, in one run. */
@NullMarked
package dev.weir.benchmarks;

import org.jspecify.annotations.NullMarked;
