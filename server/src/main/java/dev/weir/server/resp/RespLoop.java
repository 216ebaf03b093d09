// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.resp;

import dev.weir.server.wire.Judge;
import io.netty.channel.EventLoop;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** What the connections of one event loop share. Used by that loop only. */
final class RespLoop {

  private static final int ROOM = 64 * 1_024;
  private static final int KEPT_ROOM = 256 * 1_024;

  private final EventLoop eventLoop;
  private final RespLimits limits;
  private final Set<RespConnection> connections = new LinkedHashSet<>();
  private final Request request = new Request();
  private final Reply reply = new Reply();
  private final Commands commands;
  private byte[] room = new byte[ROOM];
  private long now;
  private long end = Long.MAX_VALUE;
  private boolean busy;
  private long begun;
  private int decided;

  RespLoop(RespFrontEnd frontEnd, EventLoop eventLoop) {
    this.eventLoop = eventLoop;
    this.limits = frontEnd.settings().limits();
    this.commands = new Commands(frontEnd, this);
    long millis = RespLimits.TICK.toMillis();
    var unused = eventLoop.scheduleAtFixedRate(this::tick, millis, millis, TimeUnit.MILLISECONDS);
  }

  EventLoop eventLoop() {
    return eventLoop;
  }

  Request request() {
    return request;
  }

  Reply reply() {
    return reply;
  }

  Commands commands() {
    return commands;
  }

  long now() {
    return now;
  }

  /** Space for so many bytes; what was in it before is gone. */
  byte[] room(int size) {
    if (room.length < size || room.length > KEPT_ROOM) {
      room = new byte[Math.max(ROOM, size)];
    }
    return room;
  }

  void add(RespConnection connection) {
    connections.add(connection);
  }

  void remove(RespConnection connection) {
    connections.remove(connection);
  }

  /** Whether commands are being read, and the reply is in use. */
  boolean busy() {
    return busy;
  }

  /** Commands of one read follow. */
  void begin(Judge judge) {
    busy = true;
    begun = judge.begin();
    decided = 0;
  }

  /** When the commands of this read began to be judged. */
  long begun() {
    return begun;
  }

  /** A command was judged at once. */
  void decided() {
    decided++;
  }

  /** The clock is read for all of them together: it would cost as much as a judgement. */
  void end(Judge judge) {
    busy = false;
    if (decided > 0 && begun > 0) {
      judge.timings().took(judge.time().micros() - begun, decided);
    }
  }

  /** From now on connections end when they are answered, and after so many ticks in any case. */
  void drain(long ticks) {
    try {
      eventLoop.execute(() -> end = now + ticks);
    } catch (RejectedExecutionException ended) {
      // Its connections have ended with it.
      return;
    }
  }

  private void tick() {
    now++;
    boolean late = now > end;
    // A sweep may close the connection and with it take it out of the set.
    for (RespConnection connection : List.copyOf(connections)) {
      connection.sweep(now, limits, late);
    }
  }
}
