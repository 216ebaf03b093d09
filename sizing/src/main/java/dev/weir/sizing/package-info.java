// SPDX-License-Identifier: Apache-2.0
/**
 * How many instances and shards of Redis a load takes: a model of what a decision costs, with
 * coefficients that were fitted to measurements. {@code docs/scaling.md} has its assumptions, and
 * how far it is off.
 *
 * <pre>{@code
 * Demand demand = Demand.of(Mode.EXACT, 2_000_000, 1_000_000);
 * Size size = Size.of(demand, Coefficients.shipped());
 * }</pre>
 */
@NullMarked
package dev.weir.sizing;

import org.jspecify.annotations.NullMarked;
