// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.metrics;

import dev.weir.micrometer.DecisionMeters;
import dev.weir.server.wire.SecurityLog;
import dev.weir.server.wire.Timings;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Every number that the process tells, read in a format of Prometheus. Safe for use by any thread;
 * what requests pass costs them an addition or two.
 */
public final class Metrics implements Instruments {

  /* Micrometer and its binders are loaded when the metrics are first read: a start takes no longer
   * for them, and a process that nobody asks never does. Everything that is counted is counted in
   * adders that are there from the beginning. */

  /** The text format of Prometheus. */
  public static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  /** The text format of OpenMetrics. */
  public static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final DecisionMeters decisions = new DecisionMeters();
  private final Histogram durations =
      new Histogram(
          "weir_decision_duration_seconds",
          "Time from a request to its decision, the store included");

  private final SecurityCounts security = new SecurityCounts();
  private final List<StatusCounts> listeners = new CopyOnWriteArrayList<>();

  // Guarded by this.
  private final List<MeterBinder> binders = new ArrayList<>();
  private final List<Collector> collectors = new ArrayList<>();
  private @Nullable PrometheusMeterRegistry registry;

  public Metrics() {
    security.announce(this);
  }

  /** Hears of every decision. */
  public DecisionMeters decisions() {
    return decisions;
  }

  /** Hears how long decisions took. */
  public Timings durations() {
    return durations;
  }

  /**
   * What was counted so far, for those that look at it every second: it takes no registry.
   *
   * @param decisions by limit and outcome
   * @param durations of decisions; the longest is not told
   * @param statuses answers by the first digit of their status; all listeners together
   * @param security events by their word, also those that were not met
   */
  public record Totals(
      List<DecisionMeters.Count> decisions,
      Durations durations,
      List<Long> statuses,
      Map<String, Long> security) {
    public Totals {
      decisions = List.copyOf(decisions);
      statuses = List.copyOf(statuses);
    }
  }

  /** What was counted so far. Takes some microseconds. */
  public Totals totals() {
    long[] sums = new long[StatusCounts.CLASSES];
    listeners.forEach(counts -> counts.addTo(sums));
    return new Totals(
        decisions.counts(),
        durations.read(),
        LongStream.of(sums).boxed().toList(),
        security.read());
  }

  /** The longest decision in microseconds since this was asked before; for one who asks. */
  public long takeLongest() {
    return durations.takeLongest();
  }

  /** Counts what looks like an attack. */
  public SecurityLog.Listener security() {
    return security;
  }

  /** Counts the answers of a listener; it is told the status of each. */
  public IntConsumer requests(String listener) {
    StatusCounts counts = new StatusCounts();
    counts.announce(listener, this);
    listeners.add(counts);
    return counts;
  }

  @Override
  public void gauge(String name, String about, Map<String, String> labels, DoubleSupplier value) {
    bind(
        registry ->
            Gauge.builder(name, value, DoubleSupplier::getAsDouble)
                .description(about)
                .tags(tags(labels))
                .strongReference(true)
                .register(registry));
  }

  @Override
  public void counter(String name, String about, Map<String, String> labels, DoubleSupplier count) {
    // The binder stays, and with it what the registry refers to weakly.
    bind(
        registry ->
            FunctionCounter.builder(name, count, DoubleSupplier::getAsDouble)
                .description(about)
                .tags(tags(labels))
                .register(registry));
  }

  @Override
  public void gauges(
      String name,
      String about,
      String label,
      Supplier<? extends Map<String, ? extends Number>> values) {
    collect(
        () -> {
          GaugeSnapshot.Builder snapshot = GaugeSnapshot.builder().name(name).help(about);
          values
              .get()
              .forEach(
                  (value, number) ->
                      snapshot.dataPoint(
                          GaugeSnapshot.GaugeDataPointSnapshot.builder()
                              .labels(Labels.of(label, value))
                              .value(number.doubleValue())
                              .build()));
          return snapshot.build();
        });
  }

  /**
   * Announces a histogram that is counted elsewhere.
   *
   * @param unit what the counted values are divided by, so that Prometheus reads its base unit
   * @param values asked whenever the metrics are read
   */
  public void histogram(String name, String about, double unit, Supplier<Counted> values) {
    collect(
        () -> {
          Counted counted = values.get();
          return Histogram.snapshot(
              name,
              about,
              counted.bounds.stream().mapToDouble(bound -> bound / unit).toArray(),
              counted.counts.stream().mapToLong(Long::longValue).toArray(),
              counted.sum / unit);
        });
  }

  /**
   * How often values fell into ranges.
   *
   * @param bounds the greatest value of each range but the last
   * @param counts of each range; one more than the bounds
   */
  public record Counted(List<Long> bounds, List<Long> counts, long sum) {
    public Counted {
      bounds = List.copyOf(bounds);
      counts = List.copyOf(counts);
    }
  }

  private static List<Tag> tags(Map<String, String> labels) {
    List<Tag> tags = new ArrayList<>();
    labels.forEach((key, value) -> tags.add(Tag.of(key, value)));
    return tags;
  }

  /** Announces meters of Micrometer's kind. */
  public synchronized void bind(MeterBinder binder) {
    binders.add(binder);
    if (registry != null) {
      binder.bindTo(registry);
    }
  }

  private synchronized void collect(Collector collector) {
    collectors.add(collector);
    if (registry != null) {
      registry.getPrometheusRegistry().register(collector);
    }
  }

  private synchronized PrometheusMeterRegistry registry() {
    PrometheusMeterRegistry made = registry;
    if (made == null) {
      PrometheusRegistry prometheus = new PrometheusRegistry();
      made = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, prometheus, Clock.SYSTEM);
      registry = made;
      decisions.bindTo(made);
      prometheus.register(durations);
      collectors.forEach(prometheus::register);
      for (MeterBinder binder : binders) {
        binder.bindTo(made);
      }
      bindProcess(made);
    }
    return made;
  }

  // Closed with the process.
  @SuppressWarnings("resource")
  private static void bindProcess(PrometheusMeterRegistry made) {
    new JvmMemoryMetrics().bindTo(made);
    new JvmGcMetrics().bindTo(made);
    new JvmThreadMetrics().bindTo(made);
    new ClassLoaderMetrics().bindTo(made);
    new ProcessorMetrics().bindTo(made);
    new FileDescriptorMetrics().bindTo(made);
    new UptimeMetrics().bindTo(made);
  }

  /**
   * Everything as it is now. Takes milliseconds, the first time some hundred: not for an event
   * loop.
   *
   * @param mediaType {@link #TEXT} or {@link #OPEN_METRICS}
   */
  public byte[] read(String mediaType) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(16 * 1_024);
    try {
      registry().scrape(out, mediaType);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
