// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import io.netty.util.NetUtil;

/** A network in CIDR notation, such as {@code 10.0.0.0/8}; an address alone is its own network. */
public final class Network {

  private final byte[] prefix;
  private final int bits;

  private Network(byte[] prefix, int bits) {
    this.prefix = prefix;
    this.bits = bits;
  }

  /**
   * @throws IllegalArgumentException if the text is no network
   */
  public static Network of(String text) {
    int slash = text.indexOf('/');
    byte[] prefix =
        NetUtil.createByteArrayFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
    if (prefix == null) {
      throw wrong(text);
    }
    int most = prefix.length * 8;
    int bits = slash < 0 ? most : length(text, text.substring(slash + 1));
    if (bits > most) {
      throw wrong(text);
    }
    return new Network(prefix, bits);
  }

  private static int length(String text, String digits) {
    if (digits.isEmpty() || digits.length() > 3 || !digits.chars().allMatch(Character::isDigit)) {
      throw wrong(text);
    }
    return Integer.parseInt(digits);
  }

  private static IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException(
        "network: \"" + text + "\" (expected: an address or address/bits)");
  }

  boolean contains(byte[] address) {
    if (address.length != prefix.length) {
      return false;
    }
    int whole = bits / 8;
    for (int i = 0; i < whole; i++) {
      if (address[i] != prefix[i]) {
        return false;
      }
    }
    int rest = bits % 8;
    int mask = 0xFF << 8 - rest;
    return rest == 0 || (address[whole] & mask) == (prefix[whole] & mask);
  }
}
