// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy.envoy;

import dev.weir.core.Policy;
import dev.weir.policy.Problem;
import java.util.List;
import java.util.Set;

/**
 * What the rules of an Envoy rate limit service mean.
 *
 * @param policies one for each rule that has a limit, in the order of the files
 * @param domains those that the files name, also without any limit
 * @param warnings what is written and has no effect, as in that service
 */
public record EnvoyRules(List<Policy> policies, Set<String> domains, List<Problem> warnings) {
  public EnvoyRules {
    policies = List.copyOf(policies);
    domains = Set.copyOf(domains);
    warnings = List.copyOf(warnings);
  }
}
