// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

/**
 * How many windows saw how much demand: exact up to {@link #EXACT}, above that within 1/1024. Used
 * by one thread.
 */
final class DemandCounts {

  /** Demand up to here is counted as it is. */
  static final int EXACT = 4_096;

  private static final int PER_DOUBLING = 1_024;
  private static final int DOUBLINGS = 40;

  private final long[] counts = new long[EXACT + PER_DOUBLING * DOUBLINGS];
  private long windows;
  private long most;

  /** A window had some demand and now has more. */
  void raise(long before, long now) {
    if (before > 0) {
      counts[place(before)]--;
    } else {
      windows++;
    }
    counts[place(now)]++;
    most = Math.max(most, now);
  }

  private static int place(long demand) {
    if (demand < EXACT) {
      return (int) demand;
    }
    // EXACT is 2^12: the highest ten bits below the first one tell the place within a doubling.
    int doubling = 63 - Long.numberOfLeadingZeros(demand);
    int within = (int) (demand >>> doubling - 10) & PER_DOUBLING - 1;
    return EXACT + Math.min(DOUBLINGS - 1, doubling - 12) * PER_DOUBLING + within;
  }

  /** The largest demand of a place. */
  private static long most(int place) {
    if (place < EXACT) {
      return place;
    }
    int doubling = (place - EXACT) / PER_DOUBLING + 12;
    long within = Math.floorMod(place - EXACT, PER_DOUBLING);
    return ((PER_DOUBLING + within + 1) << (doubling - 10)) - 1;
  }

  long windows() {
    return windows;
  }

  long most() {
    return most;
  }

  /** The least demand that so many percent of the windows stay within; 0 if there are none. */
  long percentile(double percent) {
    long wanted = Math.max(1, (long) Math.ceil(windows * percent / 100));
    long seen = 0;
    for (int place = 0; place < counts.length; place++) {
      seen += counts[place];
      if (seen >= wanted) {
        return Math.min(most, most(place));
      }
    }
    return most;
  }
}
