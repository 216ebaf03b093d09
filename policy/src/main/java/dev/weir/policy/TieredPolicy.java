// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import dev.weir.core.Policy;
import java.util.Optional;

/**
 * A policy as a file says it, before tiers and states.
 *
 * @param tier the entry that holds the tier
 */
record TieredPolicy(Policy policy, Optional<String> tier) {}
