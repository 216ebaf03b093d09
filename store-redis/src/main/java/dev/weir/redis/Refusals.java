// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

/** What an error of Redis means for a call that it answered: it was not executed. */
enum Refusals {
  /** The server has not, or no longer, loaded the script. */
  NO_SCRIPT("NOSCRIPT"),
  /** Another node has the slot. */
  MOVED("MOVED"),
  /** Another node is importing the slot and has the key. */
  ASK("ASK"),
  /** The slot is on its way, and the keys of the call are not all in one place. */
  TRY_AGAIN("TRYAGAIN"),
  /** The node is a replica now. */
  DEMOTED("READONLY"),
  /** No memory for another key. */
  FULL("OOM"),
  /** Everything else: loading, busy, a broken cluster, no permission. */
  OTHER("");

  private final String prefix;

  Refusals(String prefix) {
    this.prefix = prefix;
  }

  static Refusals of(String error) {
    for (Refusals refusal : values()) {
      if (error.startsWith(refusal.prefix)) {
        return refusal;
      }
    }
    return OTHER;
  }
}
