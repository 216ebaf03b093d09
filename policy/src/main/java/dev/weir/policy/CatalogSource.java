// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import java.util.List;

/** What files say, before tiers and states are worked into the policies. */
record CatalogSource(List<TieredPolicy> policies, List<Tier> tiers, List<LoadState> states) {
  CatalogSource {
    policies = List.copyOf(policies);
    tiers = List.copyOf(tiers);
    states = List.copyOf(states);
  }
}
