// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.live;

import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;

/** Turns numbers that only grow into rates. Not safe for several threads. */
final class Rates {

  private static final double MICROS = 1e6;

  private final Map<String, Long> before = new HashMap<>();
  private long sinceMicros;
  private boolean begun;
  private double seconds;

  /** Forgets what was seen: the interval that follows is the first again. */
  void restart() {
    before.clear();
    begun = false;
  }

  /** Begins to look at everything once more. */
  void next(long nowMicros) {
    seconds = begun ? Math.max(0, nowMicros - sinceMicros) / MICROS : 0;
    sinceMicros = nowMicros;
    begun = true;
  }

  /** How long ago everything was looked at before, in seconds; 0 if it never was. */
  double seconds() {
    return seconds;
  }

  /** What was added each second since then, to a tenth; 0 the first time. */
  double of(String name, long total) {
    Long last = before.put(name, total);
    return seconds == 0 ? 0 : tenths((total - (last == null ? 0 : last)) / seconds);
  }

  /** What was added since then; 0 the first time. */
  long added(String name, long total) {
    Long last = before.put(name, total);
    return seconds == 0 ? 0 : total - (last == null ? 0 : last);
  }

  /** A rate beside its total. */
  JsonObject beside(String name, long total) {
    return new JsonObject().put("rate", of(name, total)).put("total", total);
  }

  static double tenths(double value) {
    return Math.round(value * 10) / 10.0;
  }
}
