// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The values of one line. Written over by the next line; used by one thread.
 *
 * <p>Values stay bytes of the line until somebody wants their text.
 */
public final class LogRecord {

  private static final byte[] NONE = new byte[0];

  private final int[] from;
  private final int[] to;
  private final @Nullable String[] texts;
  private final TextCache cache = new TextCache();
  private byte[] line = NONE;
  private long micros;

  LogRecord(int slots) {
    this.from = new int[slots];
    this.to = new int[slots];
    this.texts = new String[slots];
  }

  /** The time of the line in microseconds since 1970-01-01T00:00:00Z. */
  public long micros() {
    return micros;
  }

  /** The text of a value, if the line has it. */
  public Optional<String> value(LogField field) {
    return Optional.ofNullable(text(field));
  }

  /** The text of a value; null if the line lacks it. */
  @Nullable String text(LogField field) {
    String whole = whole(field.slot());
    if (whole == null) {
      return null;
    }
    return switch (field.part()) {
      case WHOLE -> whole;
      case PATH -> Targets.path(whole);
      case QUERY -> Targets.query(whole);
      case PARAMETER -> Targets.parameter(whole, field.parameter());
    };
  }

  private @Nullable String whole(int slot) {
    String text = texts[slot];
    if (text == null && from[slot] >= 0) {
      text = cache.text(line, from[slot], to[slot]);
      texts[slot] = text;
    }
    return text;
  }

  void begin(byte[] bytes) {
    line = bytes;
    Arrays.fill(from, -1);
    Arrays.fill(texts, null);
  }

  void at(long time) {
    micros = time;
  }

  void set(Field field, int start, int end) {
    set(field.slot(), start, end);
  }

  void set(int slot, int start, int end) {
    from[slot] = start;
    to[slot] = end;
  }

  void set(int slot, String text) {
    texts[slot] = text;
  }

  boolean has(Field field) {
    return from[field.slot()] >= 0 || texts[field.slot()] != null;
  }

  @Nullable String text(Field field) {
    return whole(field.slot());
  }

  /**
   * Texts of late, so that an address that comes a thousand times is made once.
   *
   * <p>A place for each of some hash values; whoever comes later takes it. Bounded in number and
   * size, whatever a log holds.
   */
  private static final class TextCache {

    private static final int PLACES = 4_096;
    private static final int LONGEST = 64;

    private final @Nullable String[] texts = new String[PLACES];
    private final byte[][] keys = new byte[PLACES][];

    String text(byte[] bytes, int from, int to) {
      if (to - from > LONGEST) {
        return new String(bytes, from, to - from, UTF_8);
      }
      int hash = 1;
      for (int i = from; i < to; i++) {
        hash = 31 * hash + bytes[i];
      }
      int place = (hash ^ hash >>> 12) & PLACES - 1;
      byte[] key = keys[place];
      String text = texts[place];
      if (text != null && Arrays.equals(key, 0, key.length, bytes, from, to)) {
        return text;
      }
      String made = new String(bytes, from, to - from, UTF_8);
      keys[place] = Arrays.copyOfRange(bytes, from, to);
      texts[place] = made;
      return made;
    }
  }
}
