// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The checks that wait to be sent, in order of arrival. Any thread pushes, by one CAS on a stack;
 * everything else belongs to the event loop, which turns the stack round.
 */
final class Inbox {

  private static final VarHandle ARRIVED;

  static {
    try {
      ARRIVED = MethodHandles.lookup().findVarHandle(Inbox.class, "arrived", Check.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int max;

  // Written by any thread.
  private volatile @Nullable Check arrived;
  // Written by the loop, read by any thread.
  private volatile int waiting;

  private @Nullable Check first;
  private @Nullable Check last;
  private int queued;
  // Those with a limit that has no tag yet.
  private final ArrayDeque<Check> untagged = new ArrayDeque<>();

  /** What became of a push. */
  enum Push {
    /** There are as many as may be. */
    FULL,
    /** The loop has to be woken. */
    FIRST,
    /** The loop knows already that something has come. */
    FURTHER
  }

  Inbox(int max) {
    this.max = max;
  }

  /** Any thread. */
  Push push(Check check) {
    Check head = arrived;
    while (true) {
      int depth = head == null ? 1 : head.depth + 1;
      if (depth + waiting > max) {
        return Push.FULL;
      }
      check.next = head;
      check.depth = depth;
      Check seen = (Check) ARRIVED.compareAndExchange(this, head, check);
      if (seen == head) {
        return head == null ? Push.FIRST : Push.FURTHER;
      }
      head = seen;
    }
  }

  /** Moves what has arrived to the end of the queue. */
  void take() {
    if (arrived == null) {
      return;
    }
    Check newest = (Check) ARRIVED.getAndSet(this, null);
    Check reversed = null;
    while (newest != null) {
      Check next = newest.next;
      newest.next = reversed;
      reversed = newest;
      newest = next;
    }
    while (reversed != null) {
      Check next = reversed.next;
      append(reversed);
      reversed = next;
    }
  }

  /** Adds a check at the end, behind those whose limits have got their tags meanwhile. */
  void append(Check check) {
    if (!untagged.isEmpty()) {
      untagged(this::enqueue);
    }
    enqueue(check);
  }

  private void enqueue(Check check) {
    check.next = null;
    if (!check.ready()) {
      untagged.add(check);
      return;
    }
    if (last == null) {
      first = check;
    } else {
      last.next = check;
    }
    last = check;
    queued++;
  }

  /** The oldest of those that can be sent. */
  @Nullable Check first() {
    return first;
  }

  /** Drops the oldest, which may be in another list by now: its successor is given. */
  void drop(@Nullable Check successor) {
    first = successor;
    queued--;
    if (first == null) {
      last = null;
    }
  }

  /** Hands out and forgets all that wait for a tag. */
  void untagged(Consumer<Check> consumer) {
    int size = untagged.size();
    for (int i = 0; i < size; i++) {
      Check check = untagged.poll();
      if (check != null) {
        consumer.accept(check);
      }
    }
  }

  /** Hands out and forgets all. */
  void clear(Consumer<Check> consumer) {
    take();
    while (first != null) {
      Check check = first;
      drop(check.next);
      check.next = null;
      consumer.accept(check);
    }
    untagged(consumer);
    count();
  }

  /** Hands out and forgets those that are due. */
  void expire(long nowMicros, Consumer<Check> consumer) {
    take();
    while (first != null && first.dueMicros <= nowMicros) {
      Check check = first;
      drop(check.next);
      check.next = null;
      consumer.accept(check);
    }
    while (!untagged.isEmpty() && untagged.peek().dueMicros <= nowMicros) {
      consumer.accept(untagged.poll());
    }
    count();
  }

  /** When the next one is due. */
  long earliest() {
    long earliest = first == null ? Long.MAX_VALUE : first.dueMicros;
    Check waiter = untagged.peek();
    return waiter == null ? earliest : Math.min(earliest, waiter.dueMicros);
  }

  /** Lets those who push know how many wait. */
  void count() {
    int now = queued + untagged.size();
    if (now != waiting) {
      waiting = now;
    }
  }
}
