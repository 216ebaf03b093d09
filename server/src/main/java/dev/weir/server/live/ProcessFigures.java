// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.live;

import io.vertx.core.json.JsonObject;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.List;

/** What the process uses of its machine. Not safe for several threads. */
final class ProcessFigures {

  private static final double NANOS = 1e9;

  private final Rates rates;

  ProcessFigures(Rates rates) {
    this.rates = rates;
  }

  /** Everything. Takes some ten microseconds; the first time it loads classes of the platform. */
  JsonObject read() {
    List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans();
    long collections = collectors.stream().mapToLong(each -> each.getCollectionCount()).sum();
    long millis = collectors.stream().mapToLong(each -> each.getCollectionTime()).sum();
    return brief()
        .put("processors", Runtime.getRuntime().availableProcessors())
        .put("gcRate", rates.of("gc", collections))
        .put("gcMillis", rates.added("gcMillis", millis))
        .put("threads", ManagementFactory.getThreadMXBean().getThreadCount());
  }

  /** Processors and heap. */
  JsonObject brief() {
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    return new JsonObject()
        .put("cpu", cpu())
        .put("heapUsed", heap.getUsed())
        .put("heapMax", Math.max(heap.getMax(), heap.getUsed()));
  }

  /** Processors that it kept busy, to a thousandth. */
  private double cpu() {
    long nanos =
        ManagementFactory.getOperatingSystemMXBean()
                instanceof com.sun.management.OperatingSystemMXBean system
            ? Math.max(0, system.getProcessCpuTime())
            : 0;
    double seconds = rates.seconds();
    double used = rates.added("cpu", nanos) / NANOS;
    return seconds == 0 ? 0 : Math.round(used / seconds * 1_000) / 1_000.0;
  }
}
