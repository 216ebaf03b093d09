// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * One counter: a limit and the bytes that tell its keys apart. The bytes are injective: two
 * different lists of entry values never have the same (R18).
 */
public final class CounterKey {

  private final LimitId limit;
  private final byte[] value;

  private CounterKey(LimitId limit, byte[] value) {
    this.limit = limit;
    this.value = value;
  }

  /**
   * The counter of a limit for some values.
   *
   * @param value an injective encoding of what the limit counts by; copied
   */
  public static CounterKey of(LimitId limit, byte[] value) {
    return new CounterKey(requireNonNull(limit, "limit"), value.clone());
  }

  /** Keeps the array, which nobody may write to any more. */
  static CounterKey wrap(LimitId limit, byte[] value) {
    return new CounterKey(limit, value);
  }

  /** The same counter by an equal identity that knows more. */
  CounterKey of(LimitId same) {
    return same == limit ? this : new CounterKey(same, value);
  }

  public LimitId limit() {
    return limit;
  }

  /** A copy of the encoded values. */
  public byte[] value() {
    return value.clone();
  }

  byte[] bytes() {
    return value;
  }

  /**
   * The values that the limit counts by, in order; empty if the bytes are no encoding of a limiter.
   *
   * @since 0.1
   */
  public List<String> parts() {
    return KeyBuffer.parts(value);
  }

  /** Hashes this key into the scratch, as it is found in the memory of this process. */
  void hash(Scratch scratch) {
    limit.hash().hash(value, value.length, scratch);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CounterKey key
        && limit.equals(key.limit)
        && Arrays.equals(value, key.value);
  }

  @Override
  public int hashCode() {
    return 31 * limit.hashCode() + Arrays.hashCode(value);
  }

  @Override
  public String toString() {
    return limit.policy() + '/' + limit.limit() + '/' + HexFormat.of().formatHex(value);
  }
}
