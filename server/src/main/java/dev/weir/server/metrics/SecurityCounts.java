// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.metrics;

import static java.util.Objects.requireNonNull;

import dev.weir.server.wire.SecurityLog;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts security events by their type. Safe for use by any thread. */
final class SecurityCounts implements SecurityLog.Listener {

  private final Map<SecurityLog.Event, LongAdder> counts = new EnumMap<>(SecurityLog.Event.class);

  SecurityCounts() {
    for (SecurityLog.Event event : SecurityLog.Event.values()) {
      counts.put(event, new LongAdder());
    }
  }

  @Override
  public void happened(SecurityLog.Event event) {
    requireNonNull(counts.get(event)).increment();
  }

  /** How often each was met, by its word. */
  Map<String, Long> read() {
    Map<String, Long> sums = new LinkedHashMap<>();
    counts.forEach((event, count) -> sums.put(event.word(), count.sum()));
    return sums;
  }

  void announce(Instruments instruments) {
    counts.forEach(
        (event, count) ->
            instruments.counter(
                "weir.security.events",
                "What looked like an attack, told in the log or not, by type",
                Map.of("type", event.word()),
                count::sum));
  }
}
