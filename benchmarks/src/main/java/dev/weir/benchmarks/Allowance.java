// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.time.Duration;

/** What each key may use. */
enum Allowance {
  /** So much that nobody is ever denied. */
  PLENTY(1_000_000_000),
  /** One permit: everybody is denied but the first. */
  ONE(1);

  /** In which the permits come back. */
  static final Duration PERIOD = Duration.ofHours(1);

  private final long permits;

  Allowance(long permits) {
    this.permits = permits;
  }

  long permits() {
    return permits;
  }
}
