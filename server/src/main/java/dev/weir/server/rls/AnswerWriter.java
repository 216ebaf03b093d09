// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

import dev.weir.core.Decision;
import dev.weir.core.Limit;
import dev.weir.core.LimitState;
import dev.weir.core.Verdict;
import dev.weir.server.wire.Denials;
import dev.weir.server.wire.HeaderProfile;
import dev.weir.server.wire.Problem;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes {@code RateLimitResponse}, in the frame that gRPC sends it in. Reused by one event loop;
 * not safe for several threads.
 */
final class AnswerWriter {
  /*
   * A limit is told again and again in the same bytes, which are kept. Limits that requests bring
   * are new each time; the table is bounded and forgets all at once.
   */

  static final int FRAME_HEAD = 5;

  private static final int OK = 1;
  private static final int OVER_LIMIT = 2;
  private static final long UINT32 = 0xFFFF_FFFFL;
  private static final int MAX_LIMITS = 4_096;

  private final HeaderProfile profile;
  private final RlsSettings settings;
  private final ProtoWriter out = new ProtoWriter();
  private final ProtoWriter inner = new ProtoWriter();
  private final ProtoWriter innermost = new ProtoWriter();
  private final IdentityHashMap<Limit, byte[]> limits = new IdentityHashMap<>();

  AnswerWriter(HeaderProfile profile, RlsSettings settings) {
    this.profile = profile;
    this.settings = settings;
  }

  /** The frame of an answer. */
  byte[] frame(Judgement judgement) {
    out.clear().raw(new byte[FRAME_HEAD], FRAME_HEAD);
    out.number(1, judgement.denied() ? OVER_LIMIT : OK);
    for (int i = 0; i < judgement.descriptors(); i++) {
      LimitState state = judgement.state(i);
      if (state == null && judgement.unlimited(i)) {
        out.begin(2, 2 + 1 + ProtoWriter.sizeOf(UINT32)).number(1, OK).number(3, UINT32);
      } else {
        status(judgement.over(i) ? OVER_LIMIT : OK, state);
      }
    }
    Decision decision = judgement.decision();
    if (decision != null) {
      beside(decision, judgement.denied());
    }
    out.patch(1, out.length() - FRAME_HEAD);
    return out.toBytes();
  }

  private void status(int code, @Nullable LimitState state) {
    if (state == null) {
      out.begin(2, 2).number(1, code);
      return;
    }
    Verdict verdict = state.verdict();
    byte[] limit = limit(state);
    long remaining = Math.min(UINT32, verdict.remaining());
    // Envoy looks at whole seconds only.
    long seconds = HeaderProfile.seconds(verdict.resetAfterMicros());
    int duration = seconds == 0 ? 0 : 1 + ProtoWriter.sizeOf(seconds);
    int size =
        2
            + (1 + ProtoWriter.sizeOf(limit.length) + limit.length)
            + (remaining == 0 ? 0 : 1 + ProtoWriter.sizeOf(remaining))
            + (2 + duration);
    out.begin(2, size).number(1, code).bytes(2, limit).number(3, remaining);
    out.begin(4, duration).number(1, seconds);
  }

  private byte[] limit(LimitState state) {
    Limit limit = state.limit();
    byte[] known = limits.get(limit);
    if (known == null) {
      inner.clear();
      inner.number(1, Math.min(UINT32, limit.algorithm().limit()));
      inner.number(2, Unit.numberOf(limit.algorithm()));
      if (!state.policy().isEmpty()) {
        inner.text(3, limit.name());
      }
      known = inner.toBytes();
      if (limits.size() >= MAX_LIMITS) {
        limits.clear();
      }
      limits.put(limit, known);
    }
    return known;
  }

  /** What the settings want told beside the statuses. */
  private void beside(Decision decision, boolean denied) {
    if (settings.fields()) {
      profile.fields(decision, this::field);
      if (denied) {
        long seconds = Denials.retryAfterSeconds(decision);
        if (seconds > 0) {
          field("Retry-After", Long.toString(seconds));
        }
        field("Cache-Control", "no-store");
      }
    }
    if (settings.denied().isPresent() && denied) {
      DeniedBody body = settings.denied().get();
      field("Content-Type", body.mediaType());
      out.bytes(5, body.of(decision));
    } else if (settings.problem() && denied) {
      field("Content-Type", Problem.MEDIA_TYPE);
      Problem problem = Denials.problem(decision);
      // Whatever denied, Envoy's own status goes to the client.
      Problem told =
          new Problem(
              Denials.TOO_MANY_REQUESTS,
              problem.type(),
              problem.title(),
              problem.detail(),
              problem.members());
      out.bytes(5, told.toBytes());
    }
    if (settings.metadata()) {
      metadata(decision);
    }
  }

  private void field(String name, String value) {
    inner.clear().text(1, name).text(2, value);
    out.message(3, inner);
  }

  private void metadata(Decision decision) {
    ProtoWriter struct = inner.clear();
    word(struct, "reason", decision.reason().word());
    decision
        .deciding()
        .ifPresent(
            state -> {
              word(struct, "policy", state.policy());
              word(struct, "limit", state.limit().name());
              amount(struct, "remaining", state.verdict().remaining());
              amount(struct, "resetAfterMillis", millis(state.verdict().resetAfterMicros()));
            });
    if (!decision.allowed()) {
      amount(struct, "retryAfterMillis", millis(decision.retryAfterMicros()));
    }
    out.message(6, struct);
  }

  private static long millis(long micros) {
    return Math.ceilDiv(micros, 1_000);
  }

  /* google.protobuf.Struct: a map from names to values, of which 3 is a text and 2 a number. */

  private void word(ProtoWriter struct, String name, String value) {
    byte[] text = innermost.clear().text(3, value).toBytes();
    struct.message(1, innermost.clear().text(1, name).bytes(2, text));
  }

  private void amount(ProtoWriter struct, String name, long value) {
    byte[] number = innermost.clear().real(2, (double) value).toBytes();
    struct.message(1, innermost.clear().text(1, name).bytes(2, number));
  }
}
