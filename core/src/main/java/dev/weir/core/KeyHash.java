// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;

/**
 * The 128-bit keyed hash under which one limit's keys are found in memory.
 *
 * <p>It is SipHash-1-3 with a 128-bit result, a pseudo-random function: nobody who does not know
 * the key, drawn once per process, can aim two counters at one cell or fill one segment. Each limit
 * has a key of its own, derived from the process's, so that its name need not be hashed every time.
 *
 * @see <a href="https://www.aumasson.jp/siphash/siphash.pdf">Aumasson, Bernstein: SipHash, a fast
 *     short-input PRF (2012)</a>
 */
record KeyHash(long key0, long key1) {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final KeyHash PROCESS = ofProcess();

  private static KeyHash ofProcess() {
    SecureRandom random = new SecureRandom();
    return new KeyHash(random.nextLong(), random.nextLong());
  }

  static KeyHash of(String policy, String limit) {
    Scratch scratch = new Scratch();
    scratch.key.part(policy).part(limit);
    PROCESS.hash(scratch);
    return new KeyHash(scratch.high, scratch.low);
  }

  /** Hashes the scratch's key into its {@code high}, never 0, and {@code low}. */
  void hash(Scratch scratch) {
    hash(scratch.key.bytes, scratch.key.length, scratch);
  }

  /**
   * Hashes the first bytes of an array into the scratch's {@code high}, never 0, and {@code low}.
   */
  void hash(byte[] bytes, int length, Scratch result) {
    long v0 = key0 ^ 0x736f6d6570736575L;
    long v1 = key1 ^ 0x646f72616e646f6dL ^ 0xee;
    long v2 = key0 ^ 0x6c7967656e657261L;
    long v3 = key1 ^ 0x7465646279746573L;
    int whole = length & ~7;
    // One round per word, the tail among them, then three for each half of the result.
    int rounds = whole + 8 + 6 * 8;
    long high = 0;
    for (int i = 0; i < rounds; i += 8) {
      long word = i < whole ? (long) LONGS.get(bytes, i) : i == whole ? tail(bytes, length) : 0;
      v3 ^= word;
      v0 += v1;
      v2 += v3;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 = Long.rotateLeft(v2, 32);
      v0 ^= word;
      if (i == whole) {
        v2 ^= 0xee;
      } else if (i == whole + 3 * 8) {
        high = v0 ^ v1 ^ v2 ^ v3;
        v1 ^= 0xdd;
      }
    }
    result.high = high == 0 ? 1 : high;
    result.low = v0 ^ v1 ^ v2 ^ v3;
  }

  private static long tail(byte[] bytes, int length) {
    long word = (long) length << 56;
    for (int i = length & ~7, shift = 0; i < length; i++, shift += 8) {
      word |= (bytes[i] & 0xffL) << shift;
    }
    return word;
  }
}
