// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

import dev.weir.core.Decision;
import dev.weir.core.Limit;
import dev.weir.core.LimitState;
import dev.weir.server.wire.ByteWriter;
import dev.weir.server.wire.HeaderProfile;
import java.util.ArrayList;
import java.util.List;

/** Writes a {@code RateLimitResponse} in the JSON of Protocol Buffers, which leaves out zeros. */
final class JudgementJson {

  private static final long UINT32 = 0xFFFF_FFFFL;

  private final HeaderProfile profile;
  private final boolean fields;

  /**
   * @param profile the fields to tell
   * @param fields whether to tell any
   */
  JudgementJson(HeaderProfile profile, boolean fields) {
    this.profile = profile;
    this.fields = fields;
  }

  byte[] bytes(Judgement judgement) {
    ByteWriter out = new ByteWriter();
    out.text("{\"overallCode\":").text(code(judgement.denied())).text(",\"statuses\":[");
    for (int i = 0; i < judgement.descriptors(); i++) {
      out.text(i == 0 ? "{" : ",{").text("\"code\":").text(code(judgement.over(i)));
      LimitState state = judgement.state(i);
      if (state != null) {
        status(out, state);
      } else if (judgement.unlimited(i)) {
        out.text(",\"limitRemaining\":").number(UINT32);
      }
      out.character('}');
    }
    out.character(']');
    Decision decision = judgement.decision();
    if (fields && decision != null) {
      headers(out, decision);
    }
    return out.character('}').toBytes();
  }

  private static String code(boolean over) {
    return over ? "\"OVER_LIMIT\"" : "\"OK\"";
  }

  private static void status(ByteWriter out, LimitState state) {
    Limit limit = state.limit();
    out.text(",\"currentLimit\":{");
    String separator = "";
    if (limit.algorithm().limit() > 0) {
      out.text("\"requestsPerUnit\":").number(Math.min(UINT32, limit.algorithm().limit()));
      separator = ",";
    }
    Unit unit = Unit.of(limit.algorithm());
    if (unit != null) {
      out.text(separator).text("\"unit\":").quoted(unit.name());
      separator = ",";
    }
    if (!state.policy().isEmpty()) {
      out.text(separator).text("\"name\":").quoted(limit.name());
    }
    out.character('}');
    if (state.verdict().remaining() > 0) {
      out.text(",\"limitRemaining\":").number(Math.min(UINT32, state.verdict().remaining()));
    }
    long seconds = HeaderProfile.seconds(state.verdict().resetAfterMicros());
    out.text(",\"durationUntilReset\":\"").number(seconds).text("s\"");
  }

  private void headers(ByteWriter out, Decision decision) {
    List<String> told = new ArrayList<>();
    profile.fields(
        decision,
        (name, value) -> {
          told.add(name);
          told.add(value);
        });
    if (told.isEmpty()) {
      return;
    }
    out.text(",\"responseHeadersToAdd\":[");
    for (int i = 0; i < told.size(); i += 2) {
      out.text(i == 0 ? "{" : ",{").text("\"key\":").quoted(told.get(i));
      out.text(",\"value\":").quoted(told.get(i + 1)).character('}');
    }
    out.character(']');
  }
}
