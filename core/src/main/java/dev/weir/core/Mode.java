// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/** Whether a limit's denial denies the caller. */
public enum Mode {
  /** A denial denies the whole check. */
  ENFORCED,
  /** A denial is reported and denies nobody (R11). */
  SHADOW,
  /**
   * A denial is reported, and denies the check only if every limit of this mode that the check
   * meets denies (R11).
   */
  QUOTA
}
