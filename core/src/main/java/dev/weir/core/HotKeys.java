// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Finds keys that are asked for often, in bounded memory (R27). Safe for use by any number of
 * threads; a race loses a count.
 */
final class HotKeys {

  /* One counter per slot, for the key that has it (Misra and Gries, "Finding repeated elements",
   * 1982, with one counter): another key's check takes one off, and at none takes the slot. A count
   * is for one window of time; what is left of earlier ones is void. So a key is found if in some
   * window it comes HOT times more often than all others of its slot. A word is 32 bits of the key's
   * hash, 20 of the window and 12 of the count. */

  static final long WINDOW_MICROS = 100_000;

  /** Checks within a window from which a key is hot: 50 per second. */
  static final int HOT = 5;

  private static final int SLOTS = 8_192;
  private static final long COUNT_MASK = 0xFFF;
  private static final long WINDOW_MASK = 0xFFFFF;
  private static final int WINDOW_SHIFT = 12;
  private static final int KEY_SHIFT = 32;

  private final AtomicLongArray slots = new AtomicLongArray(SLOTS);

  /** Counts a check of a key; whether the key is hot. */
  boolean count(long high, long low, long now) {
    int slot = (int) low & (SLOTS - 1);
    long key = high >>> KEY_SHIFT;
    long window = now / WINDOW_MICROS & WINDOW_MASK;
    long word = slots.getPlain(slot);
    long count = (word >>> WINDOW_SHIFT & WINDOW_MASK) == window ? word & COUNT_MASK : 0;
    if (count == 0 || word >>> KEY_SHIFT == key) {
      count = Math.min(COUNT_MASK, count + 1);
      slots.setPlain(slot, key << KEY_SHIFT | window << WINDOW_SHIFT | count);
      return count >= HOT;
    }
    slots.setPlain(slot, word - 1);
    return false;
  }
}
