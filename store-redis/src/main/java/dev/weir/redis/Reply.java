// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A script's reply: integers, kept without a box. Used by one event loop. */
final class Reply extends CommandOutput<byte[], byte[], Object> {

  private long[] values = new long[64];
  private int length;
  private int next;

  Reply() {
    super(ByteArrayCodec.INSTANCE, null);
  }

  @Override
  public void multi(int count) {
    if (count > values.length) {
      values = Arrays.copyOf(values, count);
    }
  }

  @Override
  public void set(long integer) {
    if (length == values.length) {
      values = Arrays.copyOf(values, 2 * length);
    }
    values[length++] = integer;
  }

  @Override
  public void set(ByteBuffer bytes) {
    // No script of ours answers with text.
  }

  /** The next integer. */
  long next() {
    if (next == length) {
      throw new IllegalStateException("reply: " + length + " integers (expected: more)");
    }
    return values[next++];
  }
}
