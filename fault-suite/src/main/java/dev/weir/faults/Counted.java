// SPDX-License-Identifier: Apache-2.0
package dev.weir.faults;

/**
 * What Redis has counted for a key when all is over, in two limits of one policy that every check
 * charges together.
 */
record Counted(long first, long second) {}
