// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.resp;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.LimitState;
import dev.weir.core.PolicySet;
import dev.weir.server.wire.Judge;
import dev.weir.server.wire.RequestedLimits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code WEIR.CHECK}: a check by the policies in force, as the decision API makes it. One per event
 * loop; not safe for several threads.
 *
 * <pre>
 * WEIR.CHECK policy key [cost]
 * WEIR.CHECK DOMAIN domain ENTRIES n key value [key value ...] [COST cost] [ENTRIES n ...]
 * </pre>
 */
final class PolicyCheck {

  private static final byte[] DOMAIN = "DOMAIN".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ENTRIES = "ENTRIES".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] COST = "COST".getBytes(StandardCharsets.US_ASCII);
  private static final int LONGEST_SHORT_FORM = 4;
  private static final long UNKNOWN = -1;
  private static final long MICROS_PER_MILLI = 1_000;

  private final Judge judge;
  private final RespLoop loop;
  private NamedPolicies named = new NamedPolicies(PolicySet.empty());

  PolicyCheck(Judge judge, RespLoop loop) {
    this.judge = judge;
    this.loop = loop;
  }

  void run(RespConnection connection, Request request, Reply reply) {
    try {
      List<Descriptor> descriptors =
          request.count() <= LONGEST_SHORT_FORM ? List.of(named(request)) : described(request);
      long begin = judge.begin();
      connection.await(
          judge.timed(begin, descriptors, judge.limiter().checkAsync(descriptors)),
          decision -> write(loop.reply(), decision));
    } catch (IllegalArgumentException e) {
      reply.error("ERR " + e.getMessage());
    }
  }

  private Descriptor named(Request request) {
    PolicySet now = judge.limiter().policies();
    if (!named.isOf(now)) {
      named = new NamedPolicies(now);
    }
    Descriptor descriptor = named.descriptor(text(request, 1), text(request, 2));
    return request.count() == LONGEST_SHORT_FORM
        ? descriptor.withCost(cost(request, 3))
        : descriptor;
  }

  private static List<Descriptor> described(Request request) {
    if (!request.is(1, DOMAIN)) {
      throw new IllegalArgumentException("syntax error near '" + request.shown(1) + "'");
    }
    String domain = text(request, 2);
    List<Descriptor> descriptors = new ArrayList<>(2);
    int at = 3;
    while (at < request.count()) {
      if (!request.is(at, ENTRIES) || at + 1 >= request.count()) {
        throw new IllegalArgumentException("syntax error near '" + request.shown(at) + "'");
      }
      int pairs = pairs(request, at + 1);
      at += 2;
      List<Descriptor.Entry> entries = new ArrayList<>(pairs);
      for (int i = 0; i < pairs; i++) {
        entries.add(new Descriptor.Entry(text(request, at), text(request, at + 1)));
        at += 2;
      }
      Descriptor descriptor = Descriptor.of(domain, entries);
      if (at + 1 < request.count() && request.is(at, COST)) {
        descriptor = descriptor.withCost(cost(request, at + 1));
        at += 2;
      }
      descriptors.add(descriptor);
    }
    return descriptors;
  }

  private static int pairs(Request request, int argument) {
    int most = (request.count() - argument - 1) / 2;
    if (!request.isNumber(argument) || request.number() < 0 || request.number() > most) {
      throw new IllegalArgumentException(
          "ENTRIES: " + request.shown(argument) + " (expected: as many pairs as follow)");
    }
    return (int) request.number();
  }

  private static long cost(Request request, int argument) {
    if (!request.isNumber(argument)) {
      throw new IllegalArgumentException("value is not an integer or out of range");
    }
    return request.number();
  }

  private static String text(Request request, int argument) {
    return request
        .text(argument)
        .orElseThrow(() -> new IllegalArgumentException("an argument is not UTF-8"));
  }

  /** Allowed, limit, remaining, and milliseconds to a retry and to a full limit. */
  private static void write(Reply reply, Decision decision) {
    LimitState deciding = decision.deciding().orElse(null);
    long retry = decision.retryAfterMicros();
    reply.five(
        decision.allowed() ? 1 : 0,
        deciding == null ? UNKNOWN : deciding.limit().algorithm().limit(),
        deciding == null ? UNKNOWN : decision.remaining(),
        retry == 0 ? RequestedLimits.NEVER : Math.ceilDiv(retry, MICROS_PER_MILLI),
        Math.ceilDiv(decision.resetAfterMicros(), MICROS_PER_MILLI));
  }
}
