// SPDX-License-Identifier: Apache-2.0
/**
 * Meters for services that decide with the library.
 *
 * <pre>{@code
 * DecisionMeters decisions = new DecisionMeters();
 * decisions.bindTo(registry);
 * RateLimiter limiter =
 *     RateLimiter.builder().policies(policies).listener(decisions).build();
 * new LimiterMeters(limiter).bindTo(registry);
 * }</pre>
 *
 * <p>{@link dev.weir.micrometer.DecisionMeters} counts every decision by policy, limit, outcome and
 * reason; {@link dev.weir.micrometer.LimiterMeters} tells what a limiter keeps beside them: denials
 * that it remembers, permits that it leased, failures of its store.
 */
@NullMarked
package dev.weir.micrometer;

import org.jspecify.annotations.NullMarked;
