// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.ArrayList;
import java.util.List;

/** Keeps every policy that holds, in the order of the file. */
enum AllMatches implements ConditionIndex.Fold<CompiledPolicy, List<PolicyMatch>> {
  ALL_MATCHES;

  @Override
  public List<PolicyMatch> step(
      List<PolicyMatch> soFar, CompiledPolicy candidate, Descriptor descriptor) {
    return candidate.holds(descriptor) ? with(soFar, candidate.match(descriptor)) : soFar;
  }

  private static List<PolicyMatch> with(List<PolicyMatch> soFar, PolicyMatch match) {
    if (soFar.isEmpty()) {
      return match.alone();
    }
    List<PolicyMatch> all = soFar instanceof ArrayList<PolicyMatch> ? soFar : several(soFar);
    int at = all.size();
    while (at > 0 && all.get(at - 1).source().ordinal() > match.source().ordinal()) {
      at--;
    }
    all.add(at, match);
    return all;
  }

  private static List<PolicyMatch> several(List<PolicyMatch> matches) {
    List<PolicyMatch> copy = new ArrayList<>(8);
    copy.addAll(matches);
    return copy;
  }
}
