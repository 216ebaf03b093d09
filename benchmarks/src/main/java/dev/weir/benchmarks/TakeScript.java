// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Weir's script for plain charges, called by hand; the arguments are as its header says. */
final class TakeScript {

  /** Credit of one permit: 10⁹ permits an hour are 5 units a microsecond. */
  static final long UNIT = 18;

  private static final int CHARGE_BYTES = 8;
  private static final int LIMIT_BYTES = 45;
  private static final long OUT_OF_THE_ORDINARY = 1L << 60;
  private static final int LAST_OF_CHECK = 0x8000;

  private TakeScript() {}

  static String source() {
    try (InputStream script = TakeScript.class.getResourceAsStream("/dev/weir/redis/take.lua")) {
      if (script == null) {
        throw new IllegalStateException("take.lua: not found (expected: in the store's jar)");
      }
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The arguments of a call with so many keys and so many token buckets on each. */
  static byte[][] arguments(int keys, int limits, Allowance allowance) {
    ByteBuffer charges = buffer(keys * limits * CHARGE_BYTES);
    for (int key = 1; key <= keys; key++) {
      for (int limit = 0; limit < limits; limit++) {
        charges.putShort((short) (key | (limit == limits - 1 ? LAST_OF_CHECK : 0)));
        charges.put((byte) limit);
        charges.put((byte) 1).putShort((short) 0);
        charges.putShort((short) 1);
      }
    }
    ByteBuffer parameters = buffer(limits * LIMIT_BYTES);
    double gain = 5;
    double span = allowance.period().toNanos() / 1_000;
    for (int limit = 0; limit < limits; limit++) {
      parameters.put((byte) 1).putInt(limit + 1);
      // A bucket of one permit earns as slowly as is whole: never within a run.
      boolean plenty = allowance == Allowance.PLENTY;
      parameters.putDouble(plenty ? UNIT : span).putDouble(plenty ? gain : 1);
      parameters.putDouble(plenty ? UNIT * allowance.permits() : span);
      parameters.putDouble(span).putDouble(2 * span / 1_000 + 1_000);
    }
    return new byte[][] {charges.array(), parameters.array()};
  }

  /** Whether every bucket in the reply held a permit: credits follow the time. */
  static boolean allAdmitted(Object reply) {
    List<?> numbers = (List<?>) reply;
    for (int i = 1; i < numbers.size(); i++) {
      long credit = (Long) numbers.get(i);
      if (credit < UNIT || credit == OUT_OF_THE_ORDINARY) {
        return false;
      }
    }
    return numbers.size() > 1;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
