// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import org.jspecify.annotations.Nullable;

/**
 * An IPv4 or IPv6 address as a number. IPv4 written as IPv6 ({@code ::ffff:10.0.0.1}) is IPv4.
 *
 * @param ipv6 whether it has 128 bits; else the lower 32 bits of {@code low} count
 */
record Address(boolean ipv6, long high, long low) {

  private static final int MAX_TEXT = 64;
  private static final int GROUPS = 8;

  /** Reads a literal address and nothing else: no name is ever resolved. */
  static @Nullable Address parse(String text) {
    if (text.length() > MAX_TEXT) {
      return null;
    }
    if (text.indexOf(':') < 0) {
      return ipv4(text, 0, text.length());
    }
    int zone = text.indexOf('%');
    return ipv6(text, zone < 0 ? text.length() : zone);
  }

  int bits() {
    return ipv6 ? 128 : 32;
  }

  /** The address with all bits after the first {@code length} cleared. */
  Address mask(int length) {
    if (!ipv6) {
      return new Address(false, 0, length == 0 ? 0 : low & (-1L << (32 - length)) & 0xFFFF_FFFFL);
    }
    if (length <= 64) {
      return new Address(true, length == 0 ? 0 : high & (-1L << (64 - length)), 0);
    }
    return new Address(true, high, low & (-1L << (128 - length)));
  }

  private static @Nullable Address ipv4(String text, int start, int end) {
    long value = 0;
    int at = start;
    for (int octet = 0; octet < 4; octet++) {
      int from = at;
      int number = 0;
      while (at < end && at - from < 4 && digit(text.charAt(at))) {
        number = number * 10 + text.charAt(at++) - '0';
      }
      // A leading zero is octal to some readers: such an address means two things.
      boolean sound = at > from && number <= 255 && (at - from == 1 || text.charAt(from) != '0');
      boolean separated = octet == 3 ? at == end : at < end && text.charAt(at++) == '.';
      if (!sound || !separated) {
        return null;
      }
      value = value << 8 | number;
    }
    return new Address(false, 0, value);
  }

  private static @Nullable Address ipv6(String text, int end) {
    int[] groups = new int[GROUPS];
    int count = 0;
    int gap = -1;
    int at = 0;
    if (text.startsWith("::")) {
      gap = 0;
      at = 2;
    }
    while (at < end) {
      if (count == GROUPS) {
        return null;
      }
      int next = at;
      int group = 0;
      while (next < end && next - at < 5 && Character.digit(text.charAt(next), 16) >= 0) {
        if (text.charAt(next) >= 0x80) {
          return null;
        }
        group = group << 4 | Character.digit(text.charAt(next++), 16);
      }
      if (next < end && text.charAt(next) == '.') {
        Address tail = count <= GROUPS - 2 ? ipv4(text, at, end) : null;
        if (tail == null) {
          return null;
        }
        groups[count++] = (int) (tail.low >>> 16);
        groups[count++] = (int) (tail.low & 0xFFFF);
        break;
      }
      if (next == at || next - at > 4) {
        return null;
      }
      groups[count++] = group;
      at = next;
      if (at == end) {
        break;
      }
      if (text.charAt(at++) != ':' || at == end) {
        return null;
      }
      if (text.charAt(at) == ':') {
        if (gap >= 0) {
          return null;
        }
        gap = count;
        at++;
      }
    }
    return assemble(groups, count, gap);
  }

  private static @Nullable Address assemble(int[] groups, int count, int gap) {
    if (gap < 0 ? count != GROUPS : count == GROUPS) {
      return null;
    }
    long high = 0;
    long low = 0;
    for (int i = 0; i < GROUPS; i++) {
      int source = gap < 0 || i < gap ? i : i - (GROUPS - count);
      int group = gap >= 0 && i >= gap && source < gap ? 0 : groups[source];
      if (i < 4) {
        high = high << 16 | group;
      } else {
        low = low << 16 | group;
      }
    }
    boolean mapped = high == 0 && low >>> 32 == 0xFFFF;
    return mapped ? new Address(false, 0, low & 0xFFFF_FFFFL) : new Address(true, high, low);
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  /** The canonical text (RFC 5952). */
  @Override
  public String toString() {
    if (!ipv6) {
      return (low >>> 24) + "." + (low >>> 16 & 255) + '.' + (low >>> 8 & 255) + '.' + (low & 255);
    }
    int gap = 0;
    int gapLength = 1;
    for (int i = 0; i < GROUPS; i++) {
      int length = 0;
      while (i + length < GROUPS && group(i + length) == 0) {
        length++;
      }
      if (length > gapLength) {
        gap = i;
        gapLength = length;
      }
    }
    StringBuilder text = new StringBuilder(40);
    for (int i = 0; i < GROUPS; i++) {
      if (gapLength > 1 && i == gap) {
        text.append("::");
        i += gapLength - 1;
      } else {
        text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":");
        text.append(Integer.toHexString(group(i)));
      }
    }
    return text.toString();
  }

  private int group(int i) {
    return (int) ((i < 4 ? high >>> (48 - 16 * i) : low >>> (48 - 16 * (i - 4))) & 0xFFFF);
  }
}
