// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import java.time.Duration;
import java.util.List;

/**
 * What limits should be suggested.
 *
 * @param windows over which windows demand is looked at, shortest first; 1..6, each once, from a
 *     millisecond to 31 days
 * @param percentile how many of all windows of all keys a limit has room for; 50..100
 * @param headroomPercent how much more than that it allows; 0..1000
 */
public record SuggestionWish(List<Duration> windows, double percentile, double headroomPercent) {

  /** A second, a minute and an hour; all but one of a thousand windows, and a third more. */
  public static final SuggestionWish USUAL =
      new SuggestionWish(
          List.of(Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofHours(1)), 99.9, 30);

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public SuggestionWish {
    windows = windows.stream().distinct().sorted().toList();
    if (windows.isEmpty() || windows.size() > 6) {
      throw new IllegalArgumentException("windows: " + windows.size() + " (expected: 1..6)");
    }
    for (Duration window : windows) {
      if (window.compareTo(Duration.ofMillis(1)) < 0 || window.compareTo(Duration.ofDays(31)) > 0) {
        throw new IllegalArgumentException("window: " + window + " (expected: 1 ms..31 days)");
      }
    }
    if (!(percentile >= 50 && percentile <= 100)) {
      throw new IllegalArgumentException("percentile: " + percentile + " (expected: 50..100)");
    }
    if (!(headroomPercent >= 0 && headroomPercent <= 1_000)) {
      throw new IllegalArgumentException("headroom: " + headroomPercent + " (expected: 0..1000)");
    }
  }
}
