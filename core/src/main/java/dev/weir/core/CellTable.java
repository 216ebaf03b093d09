// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A hash table of cells without an object per key.
 *
 * <p>Safe for use by any number of threads: looking up and charging take no lock but the cell's own
 * bit; inserting, splitting and reclaiming hold the monitor of one segment of {@value #SLOTS} slots
 * for some microseconds, never the table's.
 */
final class CellTable {

  /* Extendible hashing [1] over small long[] segments, found by the hash's high bits and probed
   * linearly from its low bits. A slot is four words: the two halves of the hash and the two words
   * of Cells; 64 slots of 32 bytes, three quarters full at most, make 43 to 85 bytes per key.
   *
   * The first word of a cell is its lock, too. A split, merge or rebuild locks every cell of the
   * segment for good and then publishes successors: whoever meets a locked cell looks it up again.
   * A slot is never given to another key, so a stale CAS can only meet the key that it was meant
   * for; idle cells are left behind when a segment is rebuilt.
   *
   * [1] Fagin, Nievergelt, Pippenger, Strong: Extendible hashing, ACM TODS 4(3), 1979. */

  static final int SLOTS = 64;
  private static final int MASK = SLOTS - 1;
  private static final int USABLE = SLOTS * 3 / 4;
  private static final int HEADER = 8;
  private static final int STRIDE = 4;
  private static final int LENGTH = HEADER + SLOTS * STRIDE;

  // Header words.
  private static final int DEPTH = 0;
  private static final int USED = 1;

  // Offsets within a slot.
  private static final int LOW = 1;
  private static final int FIRST = 2;
  private static final int SECOND = 3;

  /* Equal high bits would double the directory without end; a keyed hash makes that impossible to
   * provoke. */
  private static final int MAX_DEPTH = 26;

  private static final int SMALL_DIRECTORY = 64;

  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle SEGMENTS = MethodHandles.arrayElementVarHandle(long[][].class);

  /** What the table asks about its cells. */
  interface Owner {
    /**
     * Whether a cell is as if never used.
     *
     * @param graceful whether it must have been so for some seconds
     */
    boolean idle(long high, long low, long first, long second, boolean graceful);

    /** Drops what is kept beside the table for a locked cell that is being reclaimed. */
    void forget(long high, long low, long second);
  }

  /** What an insertion came to. */
  enum Insertion {
    /** The cell is there now, by this thread or another; look it up. */
    DONE,
    /** The table holds as many keys as it may, and no idle one was found. */
    FULL
  }

  private final Owner owner;
  private final long maxKeys;
  private final AtomicLong keys = new AtomicLong();
  private final Object directoryLock = new Object();
  // Where the search for idle keys goes on, and whether it was worth it; races are harmless.
  private final AtomicInteger cursor = new AtomicInteger();
  private volatile boolean lastSearchFound;
  private volatile long[][] directory = {segment(0)};

  CellTable(long maxKeys, Owner owner) {
    this.maxKeys = maxKeys;
    this.owner = owner;
  }

  private static long[] segment(int depth) {
    long[] segment = new long[LENGTH];
    segment[DEPTH] = depth;
    return segment;
  }

  /** Keys in the table, idle ones included. */
  long keys() {
    return keys.get();
  }

  /** The segment in which a key is or would be. */
  long[] segmentOf(long high) {
    long[][] current = directory;
    return (long[]) SEGMENTS.getAcquire(current, position(high, current.length));
  }

  private static int position(long high, int length) {
    // A shift by 64 is a shift by 0: a directory of one has no bits to look at.
    return length == 1 ? 0 : (int) (high >>> Long.numberOfLeadingZeros(length - 1L));
  }

  /** The offset of a key's slot in its segment, or 0 if it has none. */
  static int slotOf(long[] segment, long high, long low) {
    int i = (int) high & MASK;
    for (int probes = 0; probes < SLOTS; probes++) {
      int slot = HEADER + i * STRIDE;
      long found = (long) WORDS.getAcquire(segment, slot);
      if (found == high && segment[slot + LOW] == low) {
        return slot;
      }
      if (found == 0) {
        return 0;
      }
      i = i + 1 & MASK;
    }
    return 0;
  }

  static long first(long[] segment, int slot) {
    return (long) WORDS.getAcquire(segment, slot + FIRST);
  }

  static long second(long[] segment, int slot) {
    return (long) WORDS.getAcquire(segment, slot + SECOND);
  }

  static boolean replaceFirst(long[] segment, int slot, long expected, long next) {
    return WORDS.compareAndSet(segment, slot + FIRST, expected, next);
  }

  /** For the holder of the cell's lock; unlocks it if the word says so. */
  static void setFirst(long[] segment, int slot, long word) {
    WORDS.setRelease(segment, slot + FIRST, word);
  }

  /** For the holder of the cell's lock. */
  static void setSecond(long[] segment, int slot, long word) {
    WORDS.setRelease(segment, slot + SECOND, word);
  }

  /** Adds a cell with the given words unless the key has one. */
  Insertion insert(long high, long low, long first, long second) {
    while (true) {
      long[] segment = segmentOf(high);
      synchronized (segment) {
        if (segmentOf(high) != segment) {
          continue;
        }
        if (slotOf(segment, high, low) != 0) {
          return Insertion.DONE;
        }
        boolean atBound = keys.get() >= maxKeys;
        if (!atBound && segment[USED] < USABLE) {
          add(segment, high, low, first, second);
          keys.incrementAndGet();
          return Insertion.DONE;
        }
        if (!atBound || hasIdle(segment, false)) {
          makeRoom(segment, high, atBound);
          continue;
        }
      }
      if (!reclaimElsewhere()) {
        return Insertion.FULL;
      }
    }
  }

  /* At the bound, idle keys of other segments make room, too. Each attempt goes on where the one
   * before ended; in a large table that found none it looks at one segment only, so that refusing a
   * flood of new keys stays cheap. */
  private boolean reclaimElsewhere() {
    int length = directory.length;
    int budget = length <= SMALL_DIRECTORY ? length : lastSearchFound ? SMALL_DIRECTORY : 1;
    boolean found = false;
    for (int i = 0; i < budget && !found; i++) {
      long high = highOf(cursor.get() & directory.length - 1, directory.length);
      cursor.set(nextAfter(high));
      found = rebuildIfIdle(high, false);
    }
    lastSearchFound = found;
    return found;
  }

  /* The first half of the hash is written last: a reader that sees it sees the rest. */
  private static void add(long[] segment, long high, long low, long first, long second) {
    int i = (int) high & MASK;
    while (segment[HEADER + i * STRIDE] != 0) {
      i = i + 1 & MASK;
    }
    int slot = HEADER + i * STRIDE;
    segment[slot + LOW] = low;
    segment[slot + FIRST] = first;
    segment[slot + SECOND] = second;
    segment[USED]++;
    WORDS.setRelease(segment, slot, high);
  }

  /**
   * Under the segment's monitor: rebuilds without idle cells, or splits if that frees too little.
   */
  private void makeRoom(long[] segment, long high, boolean atBound) {
    long[] live = freeze(segment, !atBound);
    int idle = (int) (segment[USED] - live[USED]);
    boolean split = !atBound && idle * 4 < segment[USED] && segment[DEPTH] < MAX_DEPTH;
    keys.addAndGet(-idle);
    if (split) {
      publishHalves(live, high);
    } else {
      publish(live, high, (int) live[DEPTH]);
    }
  }

  /** Locks every cell of a segment for good and copies those that are not idle. */
  private long[] freeze(long[] segment, boolean graceful) {
    long[] live = segment((int) segment[DEPTH]);
    for (int slot = HEADER; slot < LENGTH; slot += STRIDE) {
      if (segment[slot] != 0) {
        long first = lock(segment, slot);
        long second = segment[slot + SECOND];
        if (owner.idle(segment[slot], segment[slot + LOW], first, second, graceful)) {
          owner.forget(segment[slot], segment[slot + LOW], second);
        } else {
          add(live, segment[slot], segment[slot + LOW], first, second);
        }
      }
    }
    return live;
  }

  /** Locks one cell, waiting for its holder, who never waits for a segment; answers its word. */
  private static long lock(long[] segment, int slot) {
    for (int spins = 0; ; spins++) {
      long first = first(segment, slot);
      if ((first & Cells.LOCK) == 0 && replaceFirst(segment, slot, first, first | Cells.LOCK)) {
        return first;
      }
      backOff(spins);
    }
  }

  private void publishHalves(long[] live, long high) {
    int depth = (int) live[DEPTH];
    long[] zeros = segment(depth + 1);
    long[] ones = segment(depth + 1);
    for (int slot = HEADER; slot < LENGTH; slot += STRIDE) {
      if (live[slot] != 0) {
        boolean one = (live[slot] >>> 63 - depth & 1) != 0;
        add(
            one ? ones : zeros,
            live[slot],
            live[slot + LOW],
            live[slot + FIRST],
            live[slot + SECOND]);
      }
    }
    synchronized (directoryLock) {
      if (directory.length == 1 << depth) {
        directory = doubled(directory);
      }
      fill(zeros, high & ~(1L << 63 - depth), depth + 1);
      fill(ones, high | 1L << 63 - depth, depth + 1);
    }
  }

  private void publish(long[] successor, long high, int depth) {
    synchronized (directoryLock) {
      fill(successor, high, depth);
    }
  }

  /** Under the directory's lock: makes a segment the one for all hashes with the same high bits. */
  private void fill(long[] segment, long high, int depth) {
    long[][] current = directory;
    int bits = Integer.numberOfTrailingZeros(current.length);
    int span = 1 << bits - depth;
    int from = position(high, current.length) & -span;
    for (int i = from; i < from + span; i++) {
      SEGMENTS.setRelease(current, i, segment);
    }
  }

  private static long[][] doubled(long[][] old) {
    long[][] twice = new long[2 * old.length][];
    for (int i = 0; i < old.length; i++) {
      twice[2 * i] = old[i];
      twice[2 * i + 1] = old[i];
    }
    return twice;
  }

  /**
   * Reclaims idle cells and merges emptied neighbours, one segment at a time.
   *
   * @return cells reclaimed
   */
  long sweep() {
    long before = keys.get();
    for (int i = 0; i < directory.length; ) {
      long high = highOf(i, directory.length);
      rebuildIfIdle(high, true);
      mergeIfSmall(high);
      i = nextAfter(high);
    }
    return Math.max(0, before - keys.get());
  }

  private static long highOf(int position, int length) {
    return length == 1 ? 0 : (long) position << Long.numberOfLeadingZeros(length - 1L);
  }

  /** The position behind the segment that holds the hash. */
  private int nextAfter(long high) {
    synchronized (directoryLock) {
      long[][] current = directory;
      int depth = (int) segmentOf(high)[DEPTH];
      int span = 1 << Integer.numberOfTrailingZeros(current.length) - depth;
      return (position(high, current.length) & -span) + span;
    }
  }

  private boolean rebuildIfIdle(long high, boolean graceful) {
    long[] segment = segmentOf(high);
    synchronized (segment) {
      if (segmentOf(high) != segment || !hasIdle(segment, graceful)) {
        return false;
      }
      long[] live = freeze(segment, graceful);
      keys.addAndGet(live[USED] - segment[USED]);
      publish(live, high, (int) live[DEPTH]);
      return live[USED] < segment[USED];
    }
  }

  /** A look without locks: what it finds may be in use again by the time of a rebuild. */
  private boolean hasIdle(long[] segment, boolean graceful) {
    for (int slot = HEADER; slot < LENGTH; slot += STRIDE) {
      if (segment[slot] != 0) {
        long first = first(segment, slot);
        long second = second(segment, slot);
        if ((first & Cells.LOCK) == 0
            && owner.idle(segment[slot], segment[slot + LOW], first, second, graceful)) {
          return true;
        }
      }
    }
    return false;
  }

  /* Only the sweep holds two monitors, so two merges cannot wait for each other. */
  private void mergeIfSmall(long high) {
    long[] left = segmentOf(high);
    int depth = (int) left[DEPTH];
    if (depth == 0) {
      return;
    }
    long buddyHigh = high ^ 1L << 64 - depth;
    long[] right = segmentOf(buddyHigh);
    if (right == left || right[DEPTH] != depth || left[USED] + right[USED] > USABLE / 2) {
      return;
    }
    synchronized (left) {
      synchronized (right) {
        if (segmentOf(high) != left
            || segmentOf(buddyHigh) != right
            || left[USED] + right[USED] > USABLE) {
          return;
        }
        long[] merged = segment(depth - 1);
        copyFrozen(freeze(left, true), merged);
        copyFrozen(freeze(right, true), merged);
        keys.addAndGet(merged[USED] - left[USED] - right[USED]);
        publish(merged, high, depth - 1);
      }
    }
  }

  private static void copyFrozen(long[] from, long[] to) {
    for (int slot = HEADER; slot < LENGTH; slot += STRIDE) {
      if (from[slot] != 0) {
        add(to, from[slot], from[slot + LOW], from[slot + FIRST], from[slot + SECOND]);
      }
    }
  }

  /** Waits a moment, longer the more often it was in vain. */
  static void backOff(int spins) {
    if (spins > 6) {
      Thread.yield();
      return;
    }
    for (int i = 1 << Math.min(spins, 4); i > 0; i--) {
      Thread.onSpinWait();
    }
  }
}
