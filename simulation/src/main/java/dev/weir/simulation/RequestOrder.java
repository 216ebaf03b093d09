// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Puts requests in the order of their times, as far as they come within a slack of each other. Used
 * by one thread.
 *
 * <p>A server logs a request when it is answered, so that lines come a little out of order. A
 * request leaves when one has come whose time is a slack later. One that comes later than that is
 * late: the moment that the clock shows already becomes its time, and it is counted. Of two
 * requests of one moment the first that came goes first.
 */
final class RequestOrder {

  private static final long SECOND = 1_000_000;

  private record Held(Request request, long number) implements Comparable<Held> {
    @Override
    public int compareTo(Held other) {
      int byTime = Long.compare(request.micros(), other.request.micros());
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  private final long slack;
  private final int mostHeld;
  private final boolean spread;
  // Those that came in order, and those that did not.
  private final Deque<Held> inOrder = new ArrayDeque<>();
  private final PriorityQueue<Held> others = new PriorityQueue<>();
  private final Deque<Request> spreading = new ArrayDeque<>();
  private long numbers;
  private long newest = Long.MIN_VALUE;
  private long clock = Long.MIN_VALUE;
  private long late;
  private long latest;
  private boolean ending;

  /**
   * @param slackMicros how much later a request's line may come
   * @param mostHeld how many requests wait at most; with more, the earliest leaves before its time
   * @param spread whether requests logged in the same whole second are spread over it evenly
   */
  RequestOrder(long slackMicros, int mostHeld, boolean spread) {
    this.slack = spread ? Math.max(SECOND, slackMicros) : slackMicros;
    this.mostHeld = mostHeld;
    this.spread = spread;
  }

  void add(Request request) {
    Held held = new Held(request, numbers++);
    if (request.micros() >= newest) {
      newest = request.micros();
      inOrder.add(held);
    } else {
      others.add(held);
    }
  }

  /** Lets out all that is left. */
  void end() {
    ending = true;
  }

  /** The next request, at the time at which it is judged; null if more has to come first. */
  @Nullable Request poll() {
    Request spreadOut = spreading.poll();
    if (spreadOut != null) {
      return leave(spreadOut);
    }
    Held next = first();
    if (next == null || !mayLeave(next.request.micros())) {
      return null;
    }
    remove(next);
    if (spread && next.request.micros() % SECOND == 0) {
      return leave(spreadOut(next.request));
    }
    return leave(next.request);
  }

  private boolean mayLeave(long micros) {
    return ending || newest - slack >= micros || inOrder.size() + others.size() > mostHeld;
  }

  private @Nullable Held first() {
    Held one = inOrder.peek();
    Held other = others.peek();
    return other == null || one != null && one.compareTo(other) < 0 ? one : other;
  }

  private void remove(Held held) {
    if (inOrder.peek() == held) {
      inOrder.poll();
    } else {
      others.poll();
    }
  }

  /** The first of all requests of a second; the others follow it. */
  private Request spreadOut(Request head) {
    long second = head.micros();
    List<Request> same = new ArrayList<>();
    same.add(head);
    for (Held next = first(); next != null && next.request.micros() == second; next = first()) {
      remove(next);
      same.add(next.request);
    }
    for (int i = 1; i < same.size(); i++) {
      spreading.add(same.get(i).at(second + i * SECOND / same.size()));
    }
    return head;
  }

  private Request leave(Request request) {
    if (request.micros() >= clock) {
      clock = request.micros();
      return request;
    }
    late++;
    latest = Math.max(latest, clock - request.micros());
    return request.at(clock);
  }

  /** Requests that were judged later than they were logged to be. */
  long late() {
    return late;
  }

  /** By how much at most, in microseconds. */
  long latestMicros() {
    return latest;
  }
}
