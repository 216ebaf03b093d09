// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
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
 * Asks over several connections in turn, on the calling thread: in a closed loop, a request after
 * each answer, or in an open one, each request timed from the moment at which it was due.
 */
final class LoadLoop implements AutoCloseable {

  /** Most calls that wait on a connection of gRPC; servers allow a hundred streams and more. */
  static final int MAX_STREAMS = 90;

  private final byte[][] messages;
  private final int mostWaiting;
  private final Selector selector = Selector.open();
  private final List<LoadConnection> connections = new ArrayList<>();
  private Histogram latencies = new Histogram(TimeUnit.SECONDS.toNanos(60), 3);
  private int sent;
  private long answered;
  private long failed;

  /**
   * @param messages what is asked, one after the other and then again
   * @param mostWaiting requests without an answer that a connection may have in an open loop
   */
  LoadLoop(byte[][] messages, int mostWaiting) throws IOException {
    this.messages = messages;
    this.mostWaiting = mostWaiting;
  }

  /** Asks over one more, which is closed with this. */
  void add(LoadConnection connection) throws IOException {
    connections.add(connection);
    connection.channel().register(selector, SelectionKey.OP_READ, connection);
    connection.flush();
  }

  /** Counts from the beginning; what is under way stays. */
  void restart() {
    latencies = new Histogram(TimeUnit.SECONDS.toNanos(60), 3);
    answered = 0;
    failed = 0;
  }

  /** Requests that were answered since the counts began. */
  long answered() {
    return answered;
  }

  /** Requests without a good answer since the counts began. */
  long failed() {
    return failed;
  }

  /** How long answers took since the counts began, in nanoseconds. */
  Histogram latencies() {
    return latencies;
  }

  /**
   * Keeps requests under way until a moment; they are under way at its end as well.
   *
   * @param inFlight how many, over all connections; counts the first time only
   */
  void closed(int inFlight, long endNanos) throws IOException {
    if (sent == 0) {
      for (int i = 0; i < inFlight; i++) {
        ask(connections.get(i % connections.size()), System.nanoTime());
      }
      for (LoadConnection connection : connections) {
        connection.flush();
      }
    }
    while (System.nanoTime() < endNanos) {
      selector.select(
          key -> {
            LoadConnection connection = (LoadConnection) key.attachment();
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

  /** Asks so many times a second until a moment. */
  void open(int rate, long endNanos) throws IOException {
    // The kernel may wake this thread 50 µs late unless told otherwise.
    Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
    Files.writeString(Path.of("/proc", thread.toString(), "timerslack_ns"), "1");
    long interval = 1_000_000_000L / rate;
    long due = System.nanoTime();
    while (due < endNanos) {
      long now = System.nanoTime();
      // What finds no room is asked later, and counts from when it was due.
      for (LoadConnection connection = free();
          due <= now && connection != null;
          connection = free()) {
        ask(connection, due);
        connection.flush();
        due += interval;
      }
      selector.selectNow(key -> read((LoadConnection) key.attachment(), this::took));
      LockSupport.parkNanos(Math.min(50_000, Math.max(1, due - System.nanoTime())));
    }
  }

  /**
   * Sends each message once, until the last is answered.
   *
   * @param waiting requests under way on each connection
   */
  void askEach(int waiting) throws IOException {
    while (answered < messages.length) {
      for (LoadConnection connection : connections) {
        while (sent < messages.length && connection.waiting() < waiting) {
          ask(connection, System.nanoTime());
        }
        connection.flush();
      }
      selector.select(key -> read((LoadConnection) key.attachment(), this::took), 10);
    }
  }

  /** A connection with room for a request, in turn; nothing if there is none. */
  private @Nullable LoadConnection free() {
    for (int i = 0; i < connections.size(); i++) {
      LoadConnection connection = connections.get((sent + i) % connections.size());
      if (connection.waiting() < mostWaiting) {
        return connection;
      }
    }
    return null;
  }

  private void ask(LoadConnection connection, long nanos) {
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

  private static void read(LoadConnection connection, LoadConnection.Answers answers) {
    try {
      connection.read(answers);
      connection.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    for (LoadConnection connection : connections) {
      connection.close();
    }
    selector.close();
  }
}
