// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/** Why a decision is what it is; each is a label in metrics and a word in answers. */
public enum Reason {
  /** Every limit had room. */
  WITHIN_LIMIT,
  /** A limit had no room. */
  OVER_LIMIT,
  /** The cost exceeds what a limit can ever hold (R8). */
  TOO_BIG,
  /** No policy matched (R13). */
  NO_MATCH,
  /** An allow list matched. */
  ALLOW_LIST,
  /** Only policies without limits matched; no limit was asked. */
  UNLIMITED,
  /** A deny list matched. */
  DENY_LIST,
  /** The load state in force sheds requests of this priority; no limit was asked. */
  SHED,
  /** The store could not judge and the failure policy allowed (R23). */
  FAILURE_OPEN,
  /** The store could not judge and the failure policy denied (R23). */
  FAILURE_CLOSED,
  /** The store could not judge and the local share had room or had none (R23). */
  FAILURE_LOCAL;

  /** The word used in answers, logs and metrics, such as {@code over_limit}. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
