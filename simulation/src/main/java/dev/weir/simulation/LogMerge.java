// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Reads several logs side by side, always going on with the one whose next request is the earliest.
 * Used by one thread; what it counts is read when it is done.
 */
final class LogMerge {

  private static final class Cursor implements Comparable<Cursor> {
    final LogStream stream;
    final int number;
    private List<Request> requests = List.of();
    private int next;

    Cursor(LogStream stream, int number) {
      this.stream = stream;
      this.number = number;
    }

    Request head() {
      return requests.get(next);
    }

    @Override
    public int compareTo(Cursor other) {
      int byTime = Long.compare(head().micros(), other.head().micros());
      return byTime != 0 ? byTime : Integer.compare(number, other.number);
    }
  }

  private final PriorityQueue<Cursor> waiting = new PriorityQueue<>();
  private final List<Malformed> examples = new ArrayList<>();
  // Read by whoever shows progress.
  private volatile long lines;
  private long malformed;
  private long skipped;
  private @Nullable Cursor current;

  LogMerge(List<LogStream> streams) {
    for (int i = 0; i < streams.size(); i++) {
      Cursor cursor = new Cursor(streams.get(i), i);
      if (fill(cursor)) {
        waiting.add(cursor);
      }
    }
    current = waiting.poll();
  }

  /**
   * The next request; null at the end of all logs.
   *
   * @throws UnreadableLogException if a log cannot be read any further
   */
  @Nullable Request next() {
    Cursor from = current;
    if (from == null) {
      return null;
    }
    Request request = from.requests.get(from.next++);
    if (from.next == from.requests.size() && !fill(from)) {
      current = waiting.poll();
    } else if (!waiting.isEmpty() && waiting.peek().compareTo(from) < 0) {
      waiting.add(from);
      current = waiting.poll();
    }
    return request;
  }

  // One thread writes.
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private boolean fill(Cursor cursor) {
    for (Batch batch = cursor.stream.next(); batch != null; batch = cursor.stream.next()) {
      lines += batch.lines();
      malformed += batch.malformed();
      skipped += batch.skipped();
      for (Malformed example : batch.examples()) {
        if (examples.size() < BatchParser.EXAMPLES) {
          examples.add(example);
        }
      }
      if (!batch.requests().isEmpty()) {
        cursor.requests = batch.requests();
        cursor.next = 0;
        return true;
      }
    }
    return false;
  }

  /** Lines read so far that were not empty; any thread may ask. */
  long lines() {
    return lines;
  }

  long malformed() {
    return malformed;
  }

  long skipped() {
    return skipped;
  }

  /** Malformed lines, the first ones. */
  List<Malformed> examples() {
    return List.copyOf(examples);
  }
}
