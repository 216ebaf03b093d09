// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.resp;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.RateLimiter;
import dev.weir.core.RequestedLimit;
import dev.weir.server.wire.Judge;
import dev.weir.server.wire.RequestedLimits;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * {@code CL.THROTTLE} and {@code THROTTLE}: token buckets that the command brings. One per event
 * loop; not safe for several threads.
 */
final class Throttle {

  private static final byte[] NOTHING = {};
  private static final long MAX_CAPACITY = (1L << 53) - 1;

  private final Judge judge;
  private final RespLoop loop;
  private final RequestedLimits limits;

  Throttle(Judge judge, RespLoop loop) {
    this.judge = judge;
    this.loop = loop;
    this.limits = new RequestedLimits(judge::limiter);
  }

  void run(RespConnection connection, Request request, Reply reply, Dialect dialect) {
    if (request.count() > 6) {
      Commands.wrongNumber(
          dialect == Dialect.REDIS_CELL ? RespCommand.CL_THROTTLE : RespCommand.THROTTLE, reply);
      return;
    }
    if (!request.isNumber(2)) {
      reply.error("ERR invalid max_burst");
      return;
    }
    long burst = request.number();
    if (!request.isNumber(3)) {
      reply.error("ERR invalid count_per_period");
      return;
    }
    long count = request.number();
    if (!request.isNumber(4)) {
      reply.error("ERR invalid period");
      return;
    }
    long period = request.number();
    long quantity = 1;
    if (request.count() == 6) {
      if (!request.isNumber(5)) {
        reply.error("ERR invalid quantity");
        return;
      }
      quantity = request.number();
    }
    if (burst < dialect.leastBurst() || count < 1 || period < 1) {
      reply.error("ERR invalid rate limit parameters");
    } else if (burst >= MAX_CAPACITY) {
      reply.error("ERR max_burst: " + burst + " (expected: less than " + MAX_CAPACITY + ")");
    } else {
      take(connection, request, reply, dialect, burst, count, period, quantity);
    }
  }

  private void take(
      RespConnection connection,
      Request request,
      Reply reply,
      Dialect dialect,
      long burst,
      long count,
      long period,
      long quantity) {
    long capacity = dialect.capacity(burst);
    try {
      long cost = RequestedLimits.cost(quantity, capacity);
      RequestedLimit limit = limits.of(capacity, count, period);
      if (judge.limiter().immediate()) {
        Decision decision = limit.check(request.bytes(), request.from(1), request.length(1), cost);
        loop.decided();
        if (judge.recorder().wants(decision)) {
          record(request, limit, decision, loop.begun());
        }
        dialect.write(reply, decision, quantity == 0, capacity);
      } else {
        ask(connection, request, dialect, limit, cost, quantity == 0);
      }
    } catch (IllegalArgumentException e) {
      reply.error("ERR " + e.getMessage());
    }
  }

  private void ask(
      RespConnection connection,
      Request request,
      Dialect dialect,
      RequestedLimit limit,
      long cost,
      boolean asksOnly) {
    long begin = judge.begin();
    Reply reply = loop.reply();
    var stage = limit.checkAsync(request.bytes(), request.from(1), request.length(1), cost);
    byte[] key = judge.watched() ? request.copy(1) : NOTHING;
    long capacity = limit.limit().algorithm().limit();
    connection.await(
        judge.timed(begin, () -> descriptors(key, 0, key.length, limit), stage),
        decision -> dialect.write(reply, decision, asksOnly, capacity));
  }

  private void record(Request request, RequestedLimit limit, Decision decision, long begin) {
    judge
        .recorder()
        .record(
            descriptors(request.bytes(), request.from(1), request.length(1), limit),
            decision,
            judge.time().micros() - begin,
            Optional::empty);
  }

  private static List<Descriptor> descriptors(
      byte[] bytes, int from, int length, RequestedLimit limit) {
    String key = new String(bytes, from, length, StandardCharsets.UTF_8);
    return List.of(
        Descriptor.of(RequestedLimits.DOMAIN, RateLimiter.DEFAULT_KEY, key)
            .withLimit(limit.limit()));
  }
}
