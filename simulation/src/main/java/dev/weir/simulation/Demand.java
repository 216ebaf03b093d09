// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import java.time.Duration;

/**
 * What the keys of one policy asked for within windows of one length.
 *
 * @param policy the policy's full name
 * @param window the length, aligned to the epoch
 * @param windows windows of all keys in which a key asked for anything
 * @param median what half of them stay within
 * @param percentile what as many stay within as was wished
 * @param most the most that any key asked for in one
 * @param uncounted requests that could not be counted, for lack of room for more keys
 */
public record Demand(
    String policy,
    Duration window,
    long windows,
    long median,
    long percentile,
    long most,
    long uncounted) {}
