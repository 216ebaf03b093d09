// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import java.util.List;

/**
 * What a block of lines turned out to be.
 *
 * @param requests the requests, in the order of the lines
 * @param lines lines that were not empty
 * @param malformed lines that cannot be used
 * @param skipped lines outside the span of time that is looked at
 * @param examples of malformed lines, the first ones
 */
record Batch(
    List<Request> requests, long lines, long malformed, long skipped, List<Malformed> examples) {}
