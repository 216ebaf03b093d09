// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.core.Decision;
import dev.weir.core.LimitState;
import dev.weir.policy.Document;
import dev.weir.policy.Fields;
import dev.weir.policy.Node;
import dev.weir.policy.Problems;
import java.util.Locale;
import java.util.Optional;

/**
 * A decision as {@code weir check} shows it.
 *
 * @param allowed whether the caller may go on
 * @param reason the word for why
 * @param deciding the limit that decided; empty if none applied
 */
record Answer(boolean allowed, String reason, Optional<Deciding> deciding) {

  /** The limit that decided, and how it stands. */
  record Deciding(
      String policy, String limit, long remaining, long retryAfterMillis, long resetAfterMillis) {}

  static Answer of(Decision decision) {
    return new Answer(
        decision.allowed(), decision.reason().word(), decision.deciding().map(Answer::deciding));
  }

  private static Deciding deciding(LimitState state) {
    return new Deciding(
        state.policy(),
        state.limit().name(),
        state.verdict().remaining(),
        millis(state.verdict().retryAfterMicros()),
        millis(state.verdict().resetAfterMicros()));
  }

  /** Whole milliseconds, rounded up. */
  private static long millis(long micros) {
    return Math.ceilDiv(micros, 1_000L);
  }

  /** Reads an answer of the decision API; empty if it is none. */
  static Optional<Answer> of(String json) {
    Problems problems = new Problems();
    Optional<Fields> read =
        Document.read("answer", json, Optional::of, problems)
            .filter(node -> node.kind() == Node.Kind.MAPPING)
            .map(Node::fields);
    if (read.isEmpty()) {
      return Optional.empty();
    }
    Fields fields = read.get();
    Optional<Boolean> allowed = fields.truth("allowed");
    Optional<String> reason = fields.text("reason");
    return allowed.isEmpty() || reason.isEmpty()
        ? Optional.empty()
        : Optional.of(new Answer(allowed.get(), reason.get(), deciding(fields)));
  }

  private static Optional<Deciding> deciding(Fields fields) {
    Optional<String> policy = fields.text("policy");
    Optional<String> limit = fields.text("limit");
    return policy.isEmpty() || limit.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Deciding(
                policy.get(),
                limit.get(),
                number(fields, "remaining"),
                number(fields, "retryAfterMillis"),
                number(fields, "resetAfterMillis")));
  }

  private static long number(Fields fields, String name) {
    return fields.integer(name, 0, Long.MAX_VALUE).orElse(0L);
  }

  /** For people. */
  String text() {
    StringBuilder out = new StringBuilder(128);
    out.append(allowed ? "allowed" : "denied").append(" (").append(reason).append(')');
    deciding.ifPresent(limit -> text(out, limit));
    return out.toString();
  }

  private void text(StringBuilder out, Deciding limit) {
    out.append(" by policy ").append(limit.policy).append(", limit ").append(limit.limit);
    out.append("\nremaining ").append(limit.remaining);
    if (!allowed && limit.retryAfterMillis > 0) {
      out.append(", retry after ").append(seconds(limit.retryAfterMillis));
    }
    if (limit.resetAfterMillis > 0) {
      out.append(", as if never used after ").append(seconds(limit.resetAfterMillis));
    }
  }

  private static String seconds(long millis) {
    return millis % 1_000 == 0
        ? millis / 1_000 + " s"
        : String.format(Locale.ROOT, "%d.%03d s", millis / 1_000, millis % 1_000);
  }

  /** For programs: the decision API's words. */
  String json() {
    StringBuilder out = new StringBuilder(128);
    out.append("{\"allowed\":").append(allowed).append(",\"reason\":").append(Json.quoted(reason));
    deciding.ifPresent(limit -> json(out, limit));
    return out.append('}').toString();
  }

  private void json(StringBuilder out, Deciding limit) {
    out.append(",\"policy\":").append(Json.quoted(limit.policy));
    out.append(",\"limit\":").append(Json.quoted(limit.limit));
    out.append(",\"remaining\":").append(limit.remaining);
    if (!allowed && limit.retryAfterMillis > 0) {
      out.append(",\"retryAfterMillis\":").append(limit.retryAfterMillis);
    }
    out.append(",\"resetAfterMillis\":").append(limit.resetAfterMillis);
  }
}
