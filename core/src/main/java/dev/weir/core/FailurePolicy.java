// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/** What a limit answers while its store cannot (R23). */
public enum FailurePolicy {
  /** Allow. */
  OPEN,
  /** Deny. */
  CLOSED,
  /**
   * Judge by a local share of max(1, floor(limit ÷ nodes)) that starts full at the outage and is
   * forgotten when the store is back. Over all nodes at most one further limit is admitted per
   * outage and window.
   */
  LOCAL
}
