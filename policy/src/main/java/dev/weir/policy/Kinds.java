// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Concurrency;
import dev.weir.core.FixedWindow;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.TokenBucket;

/** Algorithms by name, for who compares them. */
final class Kinds {

  private Kinds() {}

  /** Why one algorithm cannot stand in for another when the load changes (R21). */
  static String other(Algorithm found, Algorithm expected) {
    return '"'
        + RateWords.format(found)
        + "\" (expected: a "
        + word(expected)
        + " like \""
        + RateWords.format(expected)
        + "\", so that what is spent stays)";
  }

  private static String word(Algorithm algorithm) {
    return switch (algorithm) {
      case TokenBucket bucket -> "token bucket";
      case FixedWindow window -> "fixed window";
      case SlidingWindow window -> "sliding window";
      case SlidingLog log -> "sliding log";
      case CalendarQuota quota -> "calendar quota";
      case Concurrency concurrency -> "concurrency limit";
    };
  }
}
