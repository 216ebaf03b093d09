// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Asks several instances in turn, on the calling thread: in a closed loop, each connection with its
 * requests in flight, or in an open one, each request timed from the moment at which it was due.
 */
final class ScaleLoad implements AutoCloseable {

  /**
   * What came of it.
   *
   * @param answered requests
   * @param seconds that it took
   * @param loadSeconds of processor time of this thread
   * @param latencies in nanoseconds
   * @param failed requests without a good answer
   */
  record Result(
      long answered, double seconds, double loadSeconds, Histogram latencies, long failed) {}

  private static final int CONNECTIONS = 16;

  private final ScaleSetup setup;
  private final LoadLoop loop;

  ScaleLoad(ScaleSetup setup, byte[][] messages, List<Integer> ports) throws IOException {
    this.setup = setup;
    boolean grpc = setup.frontEnd().equals("grpc");
    this.loop = new LoadLoop(messages, grpc ? LoadLoop.MAX_STREAMS : 1);
    String path =
        setup.system().equals("throttlecrab") ? GrpcCalls.CRAB_KEYS.path() : GrpcCalls.KEYS.path();
    for (int i = 0; i < (grpc ? CONNECTIONS : setup.inFlight()); i++) {
      int port = ports.get(i % ports.size());
      loop.add(grpc ? new GrpcConnection(port, path) : new HttpConnection(port));
    }
  }

  /** Goes on for a time. What is under way at its end is answered in the next. */
  Result run(long millis) throws IOException {
    loop.restart();
    long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    long start = System.nanoTime();
    long end = start + TimeUnit.MILLISECONDS.toNanos(millis);
    if (setup.rate() == 0) {
      loop.closed(setup.inFlight(), end);
    } else {
      loop.open(setup.rate(), end);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu;
    return new Result(loop.answered(), seconds, cpu / 1e9, loop.latencies(), loop.failed());
  }

  /** Sends each message once, in a closed loop, until the last is answered. */
  void askEach() throws IOException {
    loop.askEach(setup.inFlight() / CONNECTIONS);
  }

  @Override
  public void close() throws IOException {
    loop.close();
  }
}
