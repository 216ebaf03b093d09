// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/** Counts and times answers. Not safe for use by several threads. */
final class Tally {

  private static final long LONGEST_MICROS = 3_600_000_000L;

  private final Map<String, Long> errors = new TreeMap<>();
  private final Histogram latencies = new Histogram(LONGEST_MICROS, 3);
  private long sent;
  private long answered;
  private long allowed;
  private long denied;

  void sent() {
    sent++;
  }

  /** An answer that took so long, with its verdicts. */
  void answer(long micros, long allowed, long denied) {
    answered++;
    this.allowed += allowed;
    this.denied += denied;
    took(micros);
  }

  /** An answer that is none of the expected. */
  void refused(long micros, int status) {
    answered++;
    error("status " + status);
    took(micros);
  }

  /** A request whose answer did not come in time; it took at least that long. */
  void timeout(long micros) {
    error("timeout");
    took(micros);
  }

  void error(String kind) {
    errors.merge(kind, 1L, Long::sum);
  }

  private void took(long micros) {
    latencies.recordValue(Math.clamp(micros, 0, LONGEST_MICROS));
  }

  void clear() {
    errors.clear();
    latencies.reset();
    sent = 0;
    answered = 0;
    allowed = 0;
    denied = 0;
  }

  /** Adds what another counted. */
  void add(Tally other) {
    other.errors.forEach((kind, count) -> errors.merge(kind, count, Long::sum));
    latencies.add(other.latencies);
    sent += other.sent;
    answered += other.answered;
    allowed += other.allowed;
    denied += other.denied;
  }

  long sentCount() {
    return sent;
  }

  long answeredCount() {
    return answered;
  }

  long allowedCount() {
    return allowed;
  }

  long deniedCount() {
    return denied;
  }

  Map<String, Long> errors() {
    return errors;
  }

  long errorCount() {
    return errors.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The latency that so many percent of the answers did not exceed; 0 if there is none. */
  long percentileMicros(double percentile) {
    return latencies.getValueAtPercentile(percentile);
  }

  long maxMicros() {
    return latencies.getMaxValue();
  }
}
