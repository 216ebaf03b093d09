// SPDX-License-Identifier: Apache-2.0
/**
 * A client of Weir's decision API: asynchronous, in batches, with a deadline for each check and a
 * fallback where Weir does not answer.
 *
 * <pre>{@code
 * try (WeirClient weir =
 *     WeirClient.builder(URI.create("http://localhost:8080")).fallback(Fallback.OPEN).build()) {
 *   Answer answer = weir.check(Check.of("api", "user", "42")).join();
 *   if (!answer.allowed()) {
 *     // Tell the caller to come back in answer.retryAfter().
 *   }
 * }
 * }</pre>
 */
@NullMarked
package dev.weir.client;

import org.jspecify.annotations.NullMarked;
