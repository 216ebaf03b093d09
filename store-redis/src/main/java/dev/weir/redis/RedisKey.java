// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import dev.weir.core.CounterKey;
import io.lettuce.core.cluster.SlotHash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * The name of a counter's key in Redis: {@code prefix{policy:part:part}}, one key for all limits of
 * a policy.
 *
 * <p>Names are injective and readable: what would end a part, or the hash tag around them all, is
 * written as {@code %XX}, so no caller's text chooses a slot or reaches another's key (R18). A name
 * of more than 200 bytes gives way to its SHA-256 digest.
 */
final class RedisKey {

  private static final int MAX_NAME = 200;
  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  final byte[] name;
  final int hash;
  private int slot = -1;

  private RedisKey(byte[] name) {
    this.name = name;
    int h = Arrays.hashCode(name) * 0x9E3779B9;
    this.hash = h ^ h >>> 15;
  }

  static RedisKey of(byte[] prefix, CounterKey key) {
    byte[] value = key.value();
    byte[] policy = key.limit().policy().getBytes(StandardCharsets.UTF_8);
    byte[] name = new byte[prefix.length + 3 * (policy.length + value.length) + 3];
    System.arraycopy(prefix, 0, name, 0, prefix.length);
    int at = prefix.length;
    name[at++] = '{';
    int start = at;
    at = escape(policy, 0, policy.length, name, at);
    at = value(value, name, at);
    if (at - start > MAX_NAME) {
      return new RedisKey(digested(prefix, name, start, at));
    }
    name[at++] = '}';
    return new RedisKey(Arrays.copyOf(name, at));
  }

  /* A value is a list of parts, each after its length; whatever else it may be is one opaque part,
   * marked as such. */
  private static int value(byte[] value, byte[] name, int start) {
    int at = start;
    int from = 0;
    while (from + 4 <= value.length) {
      int length = ByteBuffer.wrap(value, from, 4).getInt();
      if (length < 0 || length > value.length - from - 4) {
        break;
      }
      name[at++] = ':';
      at = escape(value, from + 4, length, name, at);
      from += 4 + length;
    }
    if (from != value.length) {
      name[start] = ';';
      at = escape(value, 0, value.length, name, start + 1);
    }
    return at;
  }

  private static int escape(byte[] text, int from, int length, byte[] name, int start) {
    int at = start;
    for (int i = from; i < from + length; i++) {
      byte b = text[i];
      if (b >= 0 && (b <= ' ' || b == 0x7F || "%:;{}~".indexOf(b) >= 0)) {
        name[at++] = '%';
        name[at++] = HEX[b >> 4];
        name[at++] = HEX[b & 15];
      } else {
        name[at++] = b;
      }
    }
    return at;
  }

  private static byte[] digested(byte[] prefix, byte[] name, int start, int end) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(name, start, end - start);
      byte[] digest = Base64.getUrlEncoder().withoutPadding().encode(sha256.digest());
      byte[] digested = new byte[prefix.length + digest.length + 3];
      System.arraycopy(prefix, 0, digested, 0, prefix.length);
      digested[prefix.length] = '{';
      digested[prefix.length + 1] = '~';
      System.arraycopy(digest, 0, digested, prefix.length + 2, digest.length);
      digested[digested.length - 1] = '}';
      return digested;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The key's slot in a cluster. */
  int slot() {
    if (slot < 0) {
      slot = SlotHash.getSlot(name);
    }
    return slot;
  }

  boolean same(RedisKey other) {
    return this == other || hash == other.hash && Arrays.equals(name, other.name);
  }

  @Override
  public String toString() {
    return new String(name, StandardCharsets.UTF_8);
  }
}
