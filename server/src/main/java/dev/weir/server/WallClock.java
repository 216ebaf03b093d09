// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.core.TimeSource;
import java.time.Instant;

/** The time of day for fields and templates, from the clock that decisions are made by. */
record WallClock(TimeSource source) {

  Instant now() {
    long micros = source.micros();
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000), Math.floorMod(micros, 1_000_000) * 1_000L);
  }
}
