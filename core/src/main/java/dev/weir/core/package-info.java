// SPDX-License-Identifier: Apache-2.0
/**
 * The decision engine: limits, policies, the engine itself and the in-memory store.
 *
 * <p>A caller presents a {@link dev.weir.core.Descriptor}; a {@link dev.weir.core.PolicySet} tells
 * which limits it meets and under which keys; a {@link dev.weir.core.Store} takes every charge or
 * none; the {@link dev.weir.core.RateLimiter} puts it together and answers a {@link
 * dev.weir.core.Decision}. The rules R1 to R30 that comments cite are in {@code docs/semantics.md}.
 */
@NullMarked
package dev.weir.core;

import org.jspecify.annotations.NullMarked;
