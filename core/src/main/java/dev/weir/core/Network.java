// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

/**
 * All addresses that begin with the same bits, such as {@code 10.0.0.0/8}. IPv4 addresses written
 * as IPv6 ({@code ::ffff:10.0.0.1}) count as IPv4; zones ({@code fe80::1%eth0}) are ignored; names
 * are never resolved. Equal networks are equal however they were written.
 */
public final class Network {

  private static final int MAPPED_BITS = 96;

  private final Address address;
  private final int length;

  private Network(Address address, int length) {
    this.address = address;
    this.length = length;
  }

  /**
   * The network of a text: an address and a length, or one address alone.
   *
   * @throws IllegalArgumentException if it is no network, or has bits beyond its length
   */
  public static Network of(String text) {
    requireNonNull(text, "text");
    int slash = text.indexOf('/');
    String literal = slash < 0 ? text : text.substring(0, slash);
    Address address = literal.indexOf('%') < 0 ? Address.parse(literal) : null;
    if (address == null) {
      throw bad(text, "an address and a length, such as 10.0.0.0/8 or 2001:db8::/32");
    }
    boolean mapped = !address.ipv6() && literal.indexOf(':') >= 0;
    int most = mapped ? 128 : address.bits();
    int least = mapped ? MAPPED_BITS : 0;
    int length = slash < 0 ? most : length(text.substring(slash + 1));
    if (length < least || length > most) {
      throw bad(text, "a length of " + least + ".." + most);
    }
    length -= mapped ? MAPPED_BITS : 0;
    Network network = new Network(address.mask(length), length);
    if (!network.address.equals(address)) {
      throw bad(text, "no bits beyond the length: " + network);
    }
    return network;
  }

  /**
   * The network around an address.
   *
   * @param address a literal address
   * @param ipv4Length bits of an IPv4 address that count, 0..32
   * @param ipv6Length bits of an IPv6 address that count, 0..128
   * @throws IllegalArgumentException if it is no address, or a length is out of its range
   */
  public static Network around(String address, int ipv4Length, int ipv6Length) {
    Require.within("ipv4Length", ipv4Length, 0, 32);
    Require.within("ipv6Length", ipv6Length, 0, 128);
    Address parsed = Address.parse(requireNonNull(address, "address"));
    if (parsed == null) {
      throw new IllegalArgumentException(
          "address: \"" + address + "\" (expected: an address, such as 10.0.0.1 or 2001:db8::1)");
    }
    return around(parsed, parsed.ipv6() ? ipv6Length : ipv4Length);
  }

  static Network around(Address address, int length) {
    return new Network(address.mask(length), length);
  }

  private static int length(String text) {
    boolean number = text.length() >= 1 && text.length() <= 3;
    int length = 0;
    for (int i = 0; number && i < text.length(); i++) {
      char c = text.charAt(i);
      number = c >= '0' && c <= '9';
      length = length * 10 + c - '0';
    }
    return number ? length : Integer.MAX_VALUE;
  }

  private static IllegalArgumentException bad(String text, String expectation) {
    return new IllegalArgumentException(
        "network: \"" + text + "\" (expected: " + expectation + ")");
  }

  boolean ipv6() {
    return address.ipv6();
  }

  /** How many bits all its addresses share. */
  public int length() {
    return length;
  }

  /** Whether a text is one of its addresses; a text that is no address is not. */
  public boolean contains(String value) {
    Address candidate = Address.parse(value);
    return candidate != null
        && candidate.ipv6() == address.ipv6()
        && candidate.mask(length).equals(address);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Network that && length == that.length && address.equals(that.address);
  }

  @Override
  public int hashCode() {
    return 31 * address.hashCode() + length;
  }

  /** The canonical text (RFC 5952), with the length. */
  @Override
  public String toString() {
    return address + "/" + length;
  }
}
