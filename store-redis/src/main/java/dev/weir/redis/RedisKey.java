// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import dev.weir.core.CounterKey;
import dev.weir.core.LimitId;
import io.lettuce.core.cluster.SlotHash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * The name of a counter's key in Redis, one key for all limits of a policy: {@code
 * prefix{policy:part:part}}, or {@code prefix{partition}policy:part:part} where a policy keeps the
 * counters of a partition together.
 *
 * <p>Names are injective and readable: what would end a part, or the hash tag around them all, is
 * written as {@code %XX}, so no caller's text chooses a slot or reaches another's key (R18). A name
 * of more than 200 bytes gives way to its SHA-256 digest.
 */
final class RedisKey {

  private static final int MAX_NAME = 200;
  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  private static final int MAX_SCRATCH = 65_536;
  private static final ThreadLocal<byte[]> SCRATCH = ThreadLocal.withInitial(() -> new byte[1_024]);

  final byte[] name;
  final int hash;
  private int slot = -1;

  private RedisKey(byte[] name) {
    this.name = name;
    int h = Arrays.hashCode(name) * 0x9E3779B9;
    this.hash = h ^ h >>> 15;
  }

  /** What the names of one policy's keys have in common. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never written
  record Naming(byte[] start, byte[] policy, int partition) {

    static Naming of(String prefix, LimitId limit) {
      byte[] policy = limit.policy().getBytes(StandardCharsets.UTF_8);
      byte[] escaped = new byte[3 * policy.length];
      int length = escape(policy, 0, policy.length, escaped, 0);
      return new Naming(
          (prefix + "{").getBytes(StandardCharsets.UTF_8),
          Arrays.copyOf(escaped, length),
          limit.partition().orElse(-1));
    }
  }

  static RedisKey of(Naming naming, CounterKey key) {
    byte[] value = key.value();
    byte[] name = scratch(naming.start.length + naming.policy.length + 6 * value.length + 128);
    System.arraycopy(naming.start, 0, name, 0, naming.start.length);
    int at = naming.start.length;
    boolean partitioned = naming.partition >= 0;
    if (partitioned) {
      at = tag(value, naming.partition, name, at);
      name[at++] = '}';
    }
    int start = at;
    System.arraycopy(naming.policy, 0, name, at, naming.policy.length);
    at = value(value, name, at + naming.policy.length);
    if (at - start > MAX_NAME) {
      at = digest(name, start, at);
    }
    if (!partitioned) {
      name[at++] = '}';
    }
    return new RedisKey(Arrays.copyOf(name, at));
  }

  private static byte[] scratch(int size) {
    byte[] own = SCRATCH.get();
    if (own.length < size) {
      own = new byte[size];
      if (size <= MAX_SCRATCH) {
        SCRATCH.set(own);
      }
    }
    return own;
  }

  /* The part that names the partition; a value that has none is one by itself. */
  private static int tag(byte[] value, int part, byte[] name, int start) {
    int from = 0;
    for (int i = 0; from + 4 <= value.length; i++) {
      int length = ByteBuffer.wrap(value, from, 4).getInt();
      if (length < 0 || length > value.length - from - 4) {
        break;
      }
      if (i == part) {
        int at = escape(value, from + 4, length, name, start);
        return at - start > MAX_NAME ? digest(name, start, at) : at;
      }
      from += 4 + length;
    }
    int at = escape(value, 0, value.length, name, start);
    return at - start > MAX_NAME ? digest(name, start, at) : at;
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

  /** Puts a digest in the place of what is there; answers where it ends. */
  private static int digest(byte[] name, int start, int end) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(name, start, end - start);
      byte[] digest = Base64.getUrlEncoder().withoutPadding().encode(sha256.digest());
      name[start] = '~';
      System.arraycopy(digest, 0, name, start + 1, digest.length);
      return start + 1 + digest.length;
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
