// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class KeyHashTest {

  /** SipHash-c-d with 128 bits, step by step as its paper and reference code describe it. */
  private static final class Reference {
    private long v0;
    private long v1;
    private long v2;
    private long v3;

    static long[] hash(int c, int d, long k0, long k1, byte[] in) {
      return new Reference().run(c, d, k0, k1, in);
    }

    private long[] run(int c, int d, long k0, long k1, byte[] in) {
      v0 = k0 ^ 0x736f6d6570736575L;
      v1 = k1 ^ 0x646f72616e646f6dL;
      v2 = k0 ^ 0x6c7967656e657261L;
      v3 = k1 ^ 0x7465646279746573L;
      v1 ^= 0xee;
      int words = in.length / 8;
      for (int word = 0; word < words; word++) {
        absorb(c, littleEndian(in, word * 8, 8));
      }
      absorb(c, littleEndian(in, words * 8, in.length - words * 8) | ((long) in.length << 56));
      v2 ^= 0xee;
      rounds(d);
      long first = v0 ^ v1 ^ v2 ^ v3;
      v1 ^= 0xdd;
      rounds(d);
      return new long[] {first, v0 ^ v1 ^ v2 ^ v3};
    }

    private static long littleEndian(byte[] in, int from, int count) {
      long word = 0;
      for (int i = count - 1; i >= 0; i--) {
        word = word * 256 + Byte.toUnsignedLong(in[from + i]);
      }
      return word;
    }

    private void absorb(int c, long word) {
      v3 ^= word;
      rounds(c);
      v0 ^= word;
    }

    private void rounds(int count) {
      for (int i = 0; i < count; i++) {
        v0 += v1;
        v1 = Long.rotateLeft(v1, 13);
        v1 ^= v0;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v3;
        v3 = Long.rotateLeft(v3, 16);
        v3 ^= v2;
        v0 += v3;
        v3 = Long.rotateLeft(v3, 21);
        v3 ^= v0;
        v2 += v1;
        v1 = Long.rotateLeft(v1, 17);
        v1 ^= v2;
        v2 = Long.rotateLeft(v2, 32);
      }
    }
  }

  private static final long K0 = 0x0706050403020100L;
  private static final long K1 = 0x0f0e0d0c0b0a0908L;

  @Test
  void reference_publishedVectorOfSipHash24_isMet() {
    // First line of vectors_sip128 in the reference code: the empty message under key 00..0f.
    assertThat(Reference.hash(2, 4, K0, K1, new byte[0]))
        .containsExactly(
            Long.reverseBytes(0xa3817f04ba25a8e6L), Long.reverseBytes(0x6df67214c7550293L));
  }

  @Test
  void hash_anyLength_isThatOfTheReference() {
    Random random = new Random(11);
    Scratch scratch = new Scratch();
    for (int length = 0; length < 200; length++) {
      byte[] bytes = new byte[length + random.nextInt(9)];
      random.nextBytes(bytes);
      byte[] message = java.util.Arrays.copyOf(bytes, length);
      long k0 = random.nextLong();
      long k1 = random.nextLong();
      new KeyHash(k0, k1).hash(bytes, length, scratch);
      assertThat(new long[] {scratch.high, scratch.low})
          .as("length %d", length)
          .containsExactly(Reference.hash(1, 3, k0, k1, message));
    }
  }

  @Test
  void of_differentLimits_haveDifferentKeys() {
    Set<KeyHash> hashes = new HashSet<>();
    hashes.add(KeyHash.of("a", "bc"));
    hashes.add(KeyHash.of("ab", "c"));
    hashes.add(KeyHash.of("abc", ""));
    hashes.add(KeyHash.of("a", "b"));
    assertThat(hashes).hasSize(4);
    assertThat(KeyHash.of("a", "bc")).isEqualTo(KeyHash.of("a", "bc"));
  }
}
