// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.metrics;

import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * Where a component announces the numbers that it can be asked for. It is asked whenever somebody
 * reads the metrics, by a thread that may wait; what has changed in between costs nothing.
 *
 * <p>Names are Prometheus's words without unit and type at their end where Micrometer adds them:
 * {@code weir.security.events} is read as {@code weir_security_events_total}. Whatever is announced
 * is in {@code docs/reference/metrics.md} with these words, which {@code ./weir docs} writes and a
 * test compares with running servers. Safe for use by any thread.
 */
public interface Instruments {

  /** Announces a number that goes up and down. */
  void gauge(String name, String about, Map<String, String> labels, DoubleSupplier value);

  /** Announces a number that only grows. */
  void counter(String name, String about, Map<String, String> labels, DoubleSupplier count);

  /**
   * Announces numbers whose label has other values as time goes by.
   *
   * @param name as Prometheus has it, such as {@code weir_load_state}
   * @param values a number for each of the label's values, few of them
   */
  void gauges(
      String name,
      String about,
      String label,
      Supplier<? extends Map<String, ? extends Number>> values);
}
