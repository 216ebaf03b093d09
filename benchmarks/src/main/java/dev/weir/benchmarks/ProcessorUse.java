// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Time and processor time up to a moment, or between two.
 *
 * @param nanos elapsed
 * @param clientNanos of this process
 * @param redisNanos of Redis
 * @param busySeconds of both processors
 */
record ProcessorUse(long nanos, long clientNanos, long redisNanos, double busySeconds) {

  /* Columns of /proc/stat after the name: user, nice, system, idle, iowait, irq, softirq, steal. */
  private static final int IDLE = 4;
  private static final int IO_WAIT = 5;
  private static final int STEAL = 8;

  static ProcessorUse now(long redisPid) throws IOException {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new ProcessorUse(
        System.nanoTime(), system.getProcessCpuTime(), redisNanos(redisPid), machineSeconds());
  }

  ProcessorUse plus(ProcessorUse other) {
    return new ProcessorUse(
        nanos + other.nanos,
        clientNanos + other.clientNanos,
        redisNanos + other.redisNanos,
        busySeconds + other.busySeconds);
  }

  ProcessorUse minus(ProcessorUse other) {
    return new ProcessorUse(
        nanos - other.nanos,
        clientNanos - other.clientNanos,
        redisNanos - other.redisNanos,
        busySeconds - other.busySeconds);
  }

  /** Share of the two processors that went to neither, as exact as their clock ticks are. */
  double others() {
    return Math.max(0, (busySeconds * 1e9 - redisNanos - clientNanos) / (2.0 * nanos));
  }

  private static long redisNanos(long pid) throws IOException {
    long nanos = 0;
    try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path thread : threads.toList()) {
        String onProcessor = Files.readString(thread.resolve("schedstat"));
        nanos += Long.parseLong(onProcessor.substring(0, onProcessor.indexOf(' ')));
      }
    }
    return nanos;
  }

  /** Processor time that both processors gave to anybody so far. */
  static double machineSeconds() throws IOException {
    return busy("cpu0") + busy("cpu1");
  }

  private static double busy(String processor) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/stat"))) {
      if (line.startsWith(processor + " ")) {
        String[] columns = line.split(" ");
        double ticks = 0;
        for (int i = 1; i <= STEAL; i++) {
          ticks += i == IDLE || i == IO_WAIT ? 0 : Long.parseLong(columns[i]);
        }
        return ticks / Server.TICKS_PER_SECOND;
      }
    }
    throw new IOException("/proc/stat: no " + processor);
  }
}
