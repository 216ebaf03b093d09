// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import org.jspecify.annotations.Nullable;

/**
 * All addresses that begin with the same bits.
 *
 * @param address the first of them
 * @param length how many bits
 */
record Network(Address address, int length) implements Matcher {

  private static final int MAPPED_BITS = 96;

  /**
   * @throws IllegalArgumentException if it is no network, or has bits beyond its length
   */
  static Network parse(String text) {
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

  @Override
  public boolean matches(String value) {
    @Nullable Address candidate = Address.parse(value);
    return candidate != null
        && candidate.ipv6() == address.ipv6()
        && candidate.mask(length).equals(address);
  }

  @Override
  public String toString() {
    return address + "/" + length;
  }
}
