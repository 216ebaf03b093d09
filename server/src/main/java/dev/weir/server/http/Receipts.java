// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.http;

import dev.weir.core.CounterKey;
import dev.weir.core.Descriptor;
import dev.weir.core.LimitId;
import dev.weir.core.Receipt;
import dev.weir.server.wire.BadRequest;
import dev.weir.server.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/** Receipts as text that a caller keeps and presents as it is. */
final class Receipts {
  /*
   * Base64url of: a version byte; policy, limit, counter key and hold id, each as its length and
   * its bytes; mark and amount. Lengths and numbers are varints, seven bits a byte, the mark
   * zigzagged. The hold id comes last and may be missing. Not signed: whoever may refund may also
   * make one up, and no receipt gives back more than the limit holds.
   */

  private static final int VERSION = 1;

  private Receipts() {}

  /** Version, policy and limit, the part that all receipts of a limit share. */
  static byte[] head(LimitId limit) {
    Packer packer = new Packer();
    packer.put(VERSION);
    packer.bytes(limit.policy().getBytes(StandardCharsets.UTF_8));
    packer.bytes(limit.limit().getBytes(StandardCharsets.UTF_8));
    return Arrays.copyOf(packer.bytes, packer.length);
  }

  /** Writes a receipt with its quotes. */
  static void write(ByteWriter out, Packer packer, byte[] head, Receipt receipt) {
    packer.length = 0;
    packer.raw(head);
    packer.bytes(receipt.key().value());
    packer.varint(receipt.mark() << 1 ^ receipt.mark() >> 63);
    packer.varint(receipt.amount());
    if (receipt.holdId().isPresent()) {
      packer.bytes(receipt.holdId().get().getBytes(StandardCharsets.UTF_8));
    }
    out.character('"').base64url(packer.bytes, 0, packer.length).character('"');
  }

  /**
   * @throws BadRequest if the text was never a receipt
   */
  static Receipt read(String text, int index) {
    try {
      Unpacker from = new Unpacker(Base64.getUrlDecoder().decode(text));
      if (from.next() != VERSION) {
        throw new IllegalArgumentException("version");
      }
      LimitId limit = LimitId.of(from.text(), from.text());
      CounterKey key = CounterKey.of(limit, from.bytes());
      long zigzag = from.varint();
      long amount = from.varint();
      Optional<String> holdId = from.atEnd() ? Optional.empty() : Optional.of(from.text());
      if (!from.atEnd() || amount < 0 || amount > Descriptor.MAX_COST) {
        throw new IllegalArgumentException("end");
      }
      return new Receipt(key, zigzag >>> 1 ^ -(zigzag & 1), amount, holdId);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw BadRequest.of(
          "receipts[" + index + "]",
          text.length() + " characters",
          "a receipt of an earlier answer");
    }
  }

  /** Scratch space for one receipt. */
  static final class Packer {
    private byte[] bytes = new byte[256];
    private int length;

    private void put(int b) {
      ensure(1);
      bytes[length++] = (byte) b;
    }

    private void raw(byte[] more) {
      ensure(more.length);
      System.arraycopy(more, 0, bytes, length, more.length);
      length += more.length;
    }

    private void bytes(byte[] more) {
      varint(more.length);
      raw(more);
    }

    private void varint(long value) {
      ensure(10);
      long left = value;
      while ((left & ~0x7FL) != 0) {
        bytes[length++] = (byte) (left & 0x7F | 0x80);
        left >>>= 7;
      }
      bytes[length++] = (byte) left;
    }

    private void ensure(int more) {
      if (bytes.length - length < more) {
        bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
      }
    }
  }

  private static final class Unpacker {
    private final byte[] bytes;
    private int at;

    Unpacker(byte[] bytes) {
      this.bytes = bytes;
    }

    boolean atEnd() {
      return at == bytes.length;
    }

    int next() {
      return bytes[at++];
    }

    long varint() {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        int b = next();
        value |= (long) (b & 0x7F) << shift;
        if (b >= 0) {
          return value;
        }
      }
      throw new IllegalArgumentException("varint");
    }

    byte[] bytes() {
      long count = varint();
      if (count < 0 || count > bytes.length - at) {
        throw new IllegalArgumentException("length");
      }
      at += (int) count;
      return Arrays.copyOfRange(bytes, at - (int) count, at);
    }

    String text() {
      return new String(bytes(), StandardCharsets.UTF_8);
    }
  }
}
