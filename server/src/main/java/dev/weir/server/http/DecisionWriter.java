// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.http;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Decision;
import dev.weir.core.LimitId;
import dev.weir.core.LimitState;
import dev.weir.core.Reason;
import dev.weir.core.Verdict;
import dev.weir.server.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes decisions as JSON. Reused by one event loop; not safe for several threads. */
final class DecisionWriter {

  /** Limits whose texts are kept ready; those that callers bring come and go. */
  private static final int MAX_KEPT = 4_096;

  private static final byte[] REMAINING = ascii(",\"remaining\":");
  private static final byte[] ESTIMATED = ascii(",\"estimated\":true");
  private static final byte[] RETRY = ascii(",\"retryAfterMillis\":");
  private static final byte[] RESET = ascii(",\"resetAfterMillis\":");
  private static final byte[] RECEIPTS = ascii(",\"receipts\":[");
  private static final byte[] STATES = ascii(",\"states\":[");

  /** What every answer about one limit says in the same words. */
  private static final class Texts {
    private final byte[] names;
    private final byte[] receiptHead;

    Texts(byte[] names, byte[] receiptHead) {
      this.names = names;
      this.receiptHead = receiptHead;
    }
  }

  private final IdentityHashMap<LimitId, Texts> kept = new IdentityHashMap<>();
  private final Map<Reason, byte[]> allowed = new EnumMap<>(Reason.class);
  private final Map<Reason, byte[]> denied = new EnumMap<>(Reason.class);
  private final Receipts.Packer packer = new Receipts.Packer();

  DecisionWriter() {
    for (Reason reason : Reason.values()) {
      allowed.put(reason, ascii("{\"allowed\":true,\"reason\":\"" + reason.word() + "\""));
      denied.put(reason, ascii("{\"allowed\":false,\"reason\":\"" + reason.word() + "\""));
    }
  }

  void write(ByteWriter out, Decision decision, boolean withStates) {
    boolean isAllowed = decision.allowed();
    out.raw(requireNonNull((isAllowed ? allowed : denied).get(decision.reason()), "reason"));
    List<LimitState> states = decision.states();
    decision.deciding().ifPresent(state -> deciding(out, state, isAllowed));
    out.raw(RECEIPTS);
    boolean first = true;
    for (int i = 0; i < states.size(); i++) {
      LimitState state = states.get(i);
      if (state.verdict().amount() > 0) {
        if (!first) {
          out.character(',');
        }
        Receipts.write(out, packer, texts(state).receiptHead, state.receipt());
        first = false;
      }
    }
    out.character(']');
    if (withStates) {
      states(out, states);
    }
    out.character('}');
  }

  private void deciding(ByteWriter out, LimitState state, boolean isAllowed) {
    out.raw(texts(state).names);
    numbers(out, state, !isAllowed);
  }

  private static void numbers(ByteWriter out, LimitState state, boolean isDenied) {
    Verdict verdict = state.verdict();
    out.raw(REMAINING).number(verdict.remaining());
    if (state.estimated()) {
      out.raw(ESTIMATED);
    }
    if (isDenied && verdict.retryAfterMicros() > 0) {
      out.raw(RETRY).number(millis(verdict.retryAfterMicros()));
    }
    out.raw(RESET).number(millis(verdict.resetAfterMicros()));
  }

  private void states(ByteWriter out, List<LimitState> states) {
    out.raw(STATES);
    for (int i = 0; i < states.size(); i++) {
      LimitState state = states.get(i);
      out.text(i == 0 ? "{" : ",{");
      out.text("\"descriptor\":").number(state.descriptor());
      out.raw(texts(state).names);
      out.text(
          switch (state.limit().mode()) {
            case ENFORCED -> ",\"mode\":\"enforced\"";
            case SHADOW -> ",\"mode\":\"shadow\"";
            case QUOTA -> ",\"mode\":\"quota\"";
          });
      out.text(state.allowed() ? ",\"allowed\":true" : ",\"allowed\":false");
      out.text(",\"outcome\":").quoted(state.verdict().outcome().name().toLowerCase(Locale.ROOT));
      out.text(",\"capacity\":").number(state.limit().algorithm().limit());
      out.text(",\"amount\":").number(state.verdict().amount());
      numbers(out, state, !state.allowed());
      out.character('}');
    }
    out.character(']');
  }

  private Texts texts(LimitState state) {
    LimitId id = state.key().limit();
    Texts known = kept.get(id);
    if (known != null) {
      return known;
    }
    if (kept.size() >= MAX_KEPT) {
      kept.clear();
    }
    ByteWriter names = new ByteWriter();
    names.text(",\"policy\":").quoted(state.policy());
    names.text(",\"limit\":").quoted(state.limit().name());
    Texts made = new Texts(names.toBytes(), Receipts.head(id));
    kept.put(id, made);
    return made;
  }

  /** Whole milliseconds, rounded up: whoever waits that long has waited long enough. */
  static long millis(long micros) {
    return micros / 1_000 + (micros % 1_000 == 0 ? 0 : 1);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
