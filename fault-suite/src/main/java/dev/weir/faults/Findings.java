// SPDX-License-Identifier: Apache-2.0
package dev.weir.faults;

import java.util.List;
import java.util.OptionalLong;

/**
 * What a fault did.
 *
 * @param fault its name
 * @param checks answered
 * @param allowedByStore told yes by Redis
 * @param allowedByPolicy told yes by the limit's failure policy
 * @param deniedByStore told no by Redis, now or a moment ago (R28)
 * @param deniedByPolicy told no by the limit's failure policy
 * @param unknown sent, without an answer in time
 * @param lost admitted by the store and not counted in the end: over-admission
 * @param phantom counted, and nobody was admitted for it
 * @param longestNanos the longest wait for an answer
 * @param latenessNanos by how much the worst answer missed its deadline while this process ran;
 *     negative if none did
 * @param awayP99Nanos the 99th percentile of answers while the store was known to be away
 * @param backNanos from the end of the fault's cause to the first answer of the store
 * @param broken promises that did not hold, with examples
 */
public record Findings(
    String fault,
    long checks,
    long allowedByStore,
    long allowedByPolicy,
    long deniedByStore,
    long deniedByPolicy,
    long unknown,
    long lost,
    long phantom,
    long longestNanos,
    long latenessNanos,
    OptionalLong awayP99Nanos,
    OptionalLong backNanos,
    List<String> broken) {

  public Findings {
    broken = List.copyOf(broken);
  }
}
