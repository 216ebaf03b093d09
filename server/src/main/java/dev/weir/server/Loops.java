// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The event loops, each with its connections and its tick. Safe for use by any thread. */
final class Loops {

  private final HttpLimits limits;
  private final WallClock clock;
  private volatile boolean draining;
  private final Map<EventLoop, Loop> loops = new ConcurrentHashMap<>();

  Loops(HttpLimits limits, WallClock clock) {
    this.limits = limits;
    this.clock = clock;
  }

  /** From now on connections end with the answer to their next request. */
  void drain() {
    draining = true;
  }

  boolean draining() {
    return draining;
  }

  /** Complete when no request is left that is being answered beside the codec; after draining. */
  Future<?> settled() {
    List<Future<?>> idle = new ArrayList<>();
    loops.forEach(
        (eventLoop, loop) -> {
          Promise<Void> promise = Promise.promise();
          idle.add(promise.future());
          try {
            eventLoop.execute(() -> loop.desk.whenIdle(promise::tryComplete));
          } catch (RejectedExecutionException ended) {
            promise.complete();
          }
        });
    return Future.join(idle);
  }

  Loop of(EventLoop eventLoop) {
    return loops.computeIfAbsent(eventLoop, this::start);
  }

  private Loop start(EventLoop eventLoop) {
    Loop loop = new Loop(eventLoop);
    long millis = HttpLimits.TICK.toMillis();
    var unused = eventLoop.scheduleAtFixedRate(loop::tick, millis, millis, TimeUnit.MILLISECONDS);
    return loop;
  }

  /** One event loop's connections. Used by that loop only. */
  final class Loop {
    private static final int TICKS_PER_SECOND = 10;

    private final ExpressLane.Desk desk;
    private long now;
    private @Nullable Guard first;
    private CharSequence date = format();

    private Loop(EventLoop eventLoop) {
      desk = new ExpressLane.Desk(eventLoop);
    }

    long now() {
      return now;
    }

    ExpressLane.Desk desk() {
      return desk;
    }

    CharSequence date() {
      return date;
    }

    void add(Guard guard) {
      guard.after = first;
      if (first != null) {
        first.before = guard;
      }
      first = guard;
    }

    void remove(Guard guard) {
      if (guard.before == null) {
        first = guard.after;
      } else {
        guard.before.after = guard.after;
      }
      if (guard.after != null) {
        guard.after.before = guard.before;
      }
      guard.before = null;
      guard.after = null;
    }

    private void tick() {
      now++;
      if (now % (TICKS_PER_SECOND / 2) == 0) {
        date = format();
      }
      Guard guard = first;
      while (guard != null) {
        // A sweep may close the connection and with it take the guard out of the list.
        Guard next = guard.after;
        guard.sweep(now, limits);
        guard = next;
      }
    }

    private CharSequence format() {
      ZonedDateTime time = clock.now().atZone(ZoneOffset.UTC);
      return io.vertx.core.http.HttpHeaders.createOptimized(
          DateTimeFormatter.RFC_1123_DATE_TIME.format(time));
    }
  }
}
