// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Follows the frames of one HTTP/2 connection by their heads alone (RFC 9113, 4.1), so that it is
 * known what has begun and not ended. Used by the connection's event loop only.
 */
final class FrameWatch {
  /*
   * The codec tells of a request when its head is whole, and of a frame when all of it is there.
   * Until then nobody would notice a head that drips in, in one frame or in many.
   */

  /** What there is to say after some bytes. */
  enum Finding {
    /** Nothing is wrong. */
    FINE,
    /** It is no HTTP/2. */
    STRANGE,
    /** Too many frames came that ask for nothing. */
    FLOOD
  }

  /** Frames that ask for nothing and may come between two requests. */
  static final int MAX_IDLE_FRAMES = 10_000;

  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int LAST_OF_HTTP = 10;
  private static final int FRAME_HEAD = 9;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int CONTINUATION = 9;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

  private final boolean behindAnother;
  private int preface;
  private int head;
  private int left;
  private int length;
  private int type;
  private int flags;
  private boolean block;
  private long frames;
  private long blockFrame;
  private int idle;

  private FrameWatch(boolean behindAnother) {
    this.behindAnother = behindAnother;
  }

  /** Of a connection of which nothing was read. */
  static FrameWatch ofConnection() {
    return new FrameWatch(false);
  }

  /**
   * Of a connection that was HTTP/1.1's until now. The body of the request that asked for the
   * change may still be on its way.
   */
  static FrameWatch ofUpgrade() {
    return new FrameWatch(true);
  }

  /** Looks at bytes and leaves them as they are. */
  Finding read(ByteBuf in) {
    int at = in.readerIndex();
    int end = in.writerIndex();
    while (at < end && preface < PREFACE.length) {
      byte next = in.getByte(at++);
      if (next == PREFACE[preface]) {
        preface++;
      } else if (behindAnother) {
        preface = again(next);
      } else {
        return Finding.STRANGE;
      }
    }
    while (at < end) {
      if (left > 0) {
        int part = Math.min(left, end - at);
        left -= part;
        at += part;
      } else if (head == 0 && end - at >= FRAME_HEAD) {
        length = in.getUnsignedMedium(at);
        type = in.getByte(at + 3);
        flags = in.getByte(at + 4);
        at += FRAME_HEAD;
        begin();
      } else {
        piece(in.getByte(at++) & 0xff);
      }
      if (idle > MAX_IDLE_FRAMES) {
        return Finding.FLOOD;
      }
    }
    return Finding.FINE;
  }

  /** How much of the preface there is after another byte than the one hoped for. */
  private int again(byte next) {
    // Its first letter stands in it once more, as the last of HTTP.
    if (preface == LAST_OF_HTTP && next == PREFACE[1]) {
      return 2;
    }
    return next == PREFACE[0] ? 1 : 0;
  }

  /** One byte of a frame's head that comes in pieces. */
  private void piece(int value) {
    if (head == 0) {
      length = 0;
      frames++;
    }
    switch (head) {
      case 0, 1, 2 -> length = length << 8 | value;
      case 3 -> type = value;
      case 4 -> flags = value;
      default -> {
        // The stream does not matter.
      }
    }
    if (++head == FRAME_HEAD) {
      head = 0;
      frames--;
      begin();
    }
  }

  private void begin() {
    frames++;
    left = length;
    boolean ends = (flags & END_HEADERS) != 0;
    switch (type) {
      case HEADERS -> {
        idle = 0;
        block = !ends;
        blockFrame = frames;
      }
      case CONTINUATION -> block &= !ends;
      case DATA -> idle = length > 0 || (flags & END_STREAM) != 0 ? 0 : idle + 1;
      default -> idle++;
    }
  }

  /** The number of the frame that began what has not ended; 0 if everything has. */
  long unfinished() {
    return block ? blockFrame : head > 0 || left > 0 ? frames : preface < PREFACE.length ? -1 : 0;
  }

  /** Whether that is a piece of a body. */
  boolean inBody() {
    boolean before = behindAnother && preface == 0;
    return before || !block && head == 0 && left > 0 && type == DATA;
  }
}
