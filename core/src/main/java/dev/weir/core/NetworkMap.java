// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Networks, each with a value; an address is looked up in time that grows with the number of
 * distinct lengths, not of networks. Immutable.
 *
 * @param <V> what is known of a network
 */
public final class NetworkMap<V> {

  private static final NetworkMap<?> EMPTY = new NetworkMap<>(Map.of());

  private final int[] ipv4Lengths;
  private final int[] ipv6Lengths;
  private final Map<Network, V> values;

  private NetworkMap(Map<Network, V> values) {
    this.values = values;
    this.ipv4Lengths = lengths(values, false);
    this.ipv6Lengths = lengths(values, true);
  }

  /** A copy of a map. */
  public static <V> NetworkMap<V> of(Map<Network, V> values) {
    return values.isEmpty() ? none() : new NetworkMap<>(Map.copyOf(values));
  }

  /** Networks of which no more is known than themselves. */
  public static NetworkMap<Network> of(Collection<Network> networks) {
    Map<Network, Network> values = new HashMap<>();
    networks.forEach(network -> values.put(network, network));
    return of(values);
  }

  /** No network. */
  @SuppressWarnings("unchecked") // it holds no value
  public static <V> NetworkMap<V> none() {
    return (NetworkMap<V>) EMPTY;
  }

  /* From the longest. */
  private static int[] lengths(Map<Network, ?> values, boolean ipv6) {
    int[] ascending =
        values.keySet().stream()
            .filter(network -> network.ipv6() == ipv6)
            .mapToInt(Network::length)
            .distinct()
            .sorted()
            .toArray();
    int[] descending = new int[ascending.length];
    for (int i = 0; i < ascending.length; i++) {
      descending[i] = ascending[ascending.length - 1 - i];
    }
    return descending;
  }

  /** The value of the narrowest network that the address is in; none for what is no address. */
  public Optional<V> find(String address) {
    if (values.isEmpty()) {
      return Optional.empty();
    }
    Address parsed = Address.parse(requireNonNull(address, "address"));
    if (parsed == null) {
      return Optional.empty();
    }
    for (int length : lengths(parsed)) {
      V value = at(parsed, length);
      if (value != null) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }

  /** Whether the address is in one of the networks. */
  public boolean contains(String address) {
    return find(address).isPresent();
  }

  public boolean isEmpty() {
    return values.isEmpty();
  }

  /** The networks with their values. */
  public Map<Network, V> toMap() {
    return values;
  }

  /** Lengths at which the address may have a value; not to be changed. */
  int[] lengths(Address address) {
    return address.ipv6() ? ipv6Lengths : ipv4Lengths;
  }

  @Nullable V at(Address address, int length) {
    return values.get(Network.around(address, length));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NetworkMap<?> that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return Arrays.toString(values.keySet().stream().map(Network::toString).sorted().toArray());
  }
}
