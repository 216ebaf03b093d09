// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * Writes lines to standard error: at once, or on a thread of its own while event loops run, which
 * then never wait for whoever reads the lines. What that thread cannot keep up with is left out and
 * counted. Safe for use by any thread.
 */
final class LogAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {

  static final String NAME = "weir";

  private static final int CAPACITY = 8_192;
  private static final long TURN_MILLIS = 100;
  private static final long FLUSH_MILLIS = 2_000;

  private final BlockingQueue<ILoggingEvent> queue = new ArrayBlockingQueue<>(CAPACITY);
  private final LongAdder dropped = new LongAdder();
  private final AtomicLong untold = new AtomicLong();
  private final Object output = new Object();
  private volatile Encoder<ILoggingEvent> encoder;
  private volatile boolean deferred;
  // Guarded by this.
  private @Nullable Thread writer;

  LogAppender(Encoder<ILoggingEvent> encoder) {
    this.encoder = encoder;
    setName(NAME);
  }

  /** Writes lines in another format from now on. */
  void encoder(Encoder<ILoggingEvent> other) {
    encoder = other;
  }

  /** Lines that were left out. */
  long dropped() {
    return dropped.sum();
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (!deferred) {
      write(event);
      return;
    }
    event.prepareForDeferredProcessing();
    if (!queue.offer(event)) {
      dropped.increment();
      untold.incrementAndGet();
    }
  }

  private void write(ILoggingEvent event) {
    byte[] line = encoder.encode(event);
    synchronized (output) {
      System.err.write(line, 0, line.length);
      System.err.flush();
    }
  }

  /** Lets nobody wait from now on. */
  synchronized void defer() {
    if (writer == null) {
      deferred = true;
      Thread thread = new Thread(this::run, "weir-log");
      thread.setDaemon(true);
      writer = thread;
      thread.start();
    }
  }

  private void run() {
    try {
      while (deferred || !queue.isEmpty()) {
        ILoggingEvent event = queue.poll(TURN_MILLIS, TimeUnit.MILLISECONDS);
        if (event != null) {
          write(event);
        }
        long omitted = queue.size() < CAPACITY / 2 ? untold.getAndSet(0) : 0;
        if (omitted > 0) {
          write(omission(omitted));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ILoggingEvent omission(long count) {
    Logger logger = (Logger) org.slf4j.LoggerFactory.getLogger(LogAppender.class);
    LoggingEvent event =
        new LoggingEvent(
            LogAppender.class.getName(), logger, Level.WARN, "log_lines_dropped", null, null);
    event.setKeyValuePairs(List.of(new KeyValuePair("count", count)));
    return event;
  }

  /** Writes what is left, and everything at once from now on; waits two seconds at most. */
  synchronized void flush() throws InterruptedException {
    deferred = false;
    Thread thread = writer;
    writer = null;
    if (thread != null) {
      thread.join(FLUSH_MILLIS);
    }
  }
}
