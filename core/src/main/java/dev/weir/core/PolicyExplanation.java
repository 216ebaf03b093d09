// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.List;

/** Whether a policy applies to a descriptor, and why. */
public sealed interface PolicyExplanation {

  /**
   * It applies.
   *
   * @param policy the policy
   * @param keys the values that it counts by, in the order of its key
   * @param limits what it charges, after overrides and in the policy's mode
   * @param cost what each is charged
   */
  record Matched(Policy policy, List<String> keys, List<Limit> limits, long cost)
      implements PolicyExplanation {
    public Matched {
      keys = List.copyOf(keys);
      limits = List.copyOf(limits);
    }
  }

  /**
   * It applies, and one of its lists decides, or the descriptor's priority by this policy alone.
   *
   * @param policy the policy
   * @param reason {@link Reason#ALLOW_LIST}, {@link Reason#DENY_LIST} or {@link Reason#SHED}
   */
  record Listed(Policy policy, Reason reason) implements PolicyExplanation {}

  /**
   * It does not apply.
   *
   * @param policy the policy
   * @param why the first thing that does not hold, with what was found in its place
   */
  record Unmatched(Policy policy, String why) implements PolicyExplanation {}

  Policy policy();
}
