// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

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
  /* Servers allow a hundred streams and more. */
  private static final int MAX_WAITING = 90;

  private final ScaleSetup setup;
  private final byte[][] messages;
  private final Selector selector = Selector.open();
  private final List<ScaleConnection> connections = new ArrayList<>();
  private final int mostWaiting;
  private Histogram latencies = new Histogram(TimeUnit.SECONDS.toNanos(60), 3);
  private int sent;
  private long answered;
  private long failed;

  ScaleLoad(ScaleSetup setup, byte[][] messages, List<Integer> ports) throws IOException {
    this.setup = setup;
    this.messages = messages;
    boolean grpc = setup.frontEnd().equals("grpc");
    this.mostWaiting = grpc ? MAX_WAITING : 1;
    String path =
        setup.system().equals("throttlecrab") ? GrpcCalls.CRAB_KEYS.path() : GrpcCalls.KEYS.path();
    for (int i = 0; i < (grpc ? CONNECTIONS : setup.inFlight()); i++) {
      int port = ports.get(i % ports.size());
      ScaleConnection connection = grpc ? new GrpcConnection(port, path) : new HttpConnection(port);
      connections.add(connection);
      connection.channel().register(selector, SelectionKey.OP_READ, connection);
      connection.flush();
    }
    if (setup.rate() > 0) {
      // The kernel may wake this thread 50 µs late unless told otherwise.
      Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
      Files.writeString(Path.of("/proc", thread.toString(), "timerslack_ns"), "1");
    }
  }

  /** Goes on for a time. What is under way at its end is answered in the next. */
  Result run(long millis) throws IOException {
    latencies = new Histogram(TimeUnit.SECONDS.toNanos(60), 3);
    answered = 0;
    failed = 0;
    long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    long start = System.nanoTime();
    if (setup.rate() == 0) {
      closed(start + TimeUnit.MILLISECONDS.toNanos(millis));
    } else {
      open(start + TimeUnit.MILLISECONDS.toNanos(millis));
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu;
    return new Result(answered, seconds, cpu / 1e9, latencies, failed);
  }

  /** Sends each message once, in a closed loop, until the last is answered. */
  void askEach() throws IOException {
    while (answered < messages.length) {
      for (ScaleConnection connection : connections) {
        while (sent < messages.length && connection.waiting() < setup.inFlight() / CONNECTIONS) {
          ask(connection, System.nanoTime());
        }
        connection.flush();
      }
      selector.select(key -> read((ScaleConnection) key.attachment(), this::took), 10);
    }
  }

  private void closed(long end) throws IOException {
    if (sent == 0) {
      for (int i = 0; i < setup.inFlight(); i++) {
        ask(connections.get(i % connections.size()), System.nanoTime());
      }
      for (ScaleConnection connection : connections) {
        connection.flush();
      }
    }
    while (System.nanoTime() < end) {
      selector.select(
          key -> {
            ScaleConnection connection = (ScaleConnection) key.attachment();
            read(
                connection,
                (asked, bad) -> {
                  took(asked, bad);
                  ask(connection, System.nanoTime());
                });
          },
          10);
    }
  }

  private void open(long end) throws IOException {
    long interval = 1_000_000_000L / setup.rate();
    long due = System.nanoTime();
    while (due < end) {
      long now = System.nanoTime();
      // What finds no room is asked later, and counts from when it was due.
      for (ScaleConnection connection = free();
          due <= now && connection != null;
          connection = free()) {
        ask(connection, due);
        connection.flush();
        due += interval;
      }
      selector.selectNow(key -> read((ScaleConnection) key.attachment(), this::took));
      LockSupport.parkNanos(Math.min(50_000, Math.max(1, due - System.nanoTime())));
    }
  }

  /** A connection with room for a request, in turn; nothing if there is none. */
  private @Nullable ScaleConnection free() {
    for (int i = 0; i < connections.size(); i++) {
      ScaleConnection connection = connections.get((sent + i) % connections.size());
      if (connection.waiting() < mostWaiting) {
        return connection;
      }
    }
    return null;
  }

  private void ask(ScaleConnection connection, long nanos) {
    if (!connection.ask(messages[sent % messages.length], nanos)) {
      throw new IllegalStateException("no room to ask");
    }
    sent++;
  }

  private void took(long asked, boolean bad) {
    answered++;
    failed += bad ? 1 : 0;
    latencies.recordValue(
        Math.min(latencies.getHighestTrackableValue(), System.nanoTime() - asked));
  }

  private static void read(ScaleConnection connection, GrpcConnection.Answers answers) {
    try {
      connection.read(answers);
      connection.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    for (ScaleConnection connection : connections) {
      connection.close();
    }
    selector.close();
  }
}
