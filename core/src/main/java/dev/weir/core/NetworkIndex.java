// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rules by network: one look-up for each distinct length of the address's family. */
final class NetworkIndex<R> {

  private final int[] ipv4Lengths;
  private final int[] ipv6Lengths;
  private final Map<Network, List<R>> rules;

  NetworkIndex(Map<Network, List<R>> rules) {
    this.ipv4Lengths = lengths(rules, false);
    this.ipv6Lengths = lengths(rules, true);
    this.rules = rules;
  }

  private static int[] lengths(Map<Network, ?> rules, boolean ipv6) {
    return rules.keySet().stream()
        .filter(network -> network.address().ipv6() == ipv6)
        .mapToInt(Network::length)
        .distinct()
        .toArray();
  }

  <A extends @Nullable Object> A fold(
      String value, Descriptor descriptor, A start, ConditionIndex.Fold<R, A> fold) {
    Address address = Address.parse(value);
    if (address == null) {
      return start;
    }
    A result = start;
    for (int length : address.ipv6() ? ipv6Lengths : ipv4Lengths) {
      List<R> found = rules.get(new Network(address.mask(length), length));
      if (found != null) {
        result = ConditionIndex.each(found, descriptor, result, fold);
      }
    }
    return result;
  }
}
