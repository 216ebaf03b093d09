// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

import dev.weir.core.Decision;
import dev.weir.core.LimitState;
import dev.weir.server.wire.ByteWriter;
import dev.weir.server.wire.Denials;
import dev.weir.server.wire.HeaderProfile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The operator's body of a denial: text with <code>{variables}</code> that the decision fills in. A
 * brace that does not enclose the name of a variable's shape stands for itself. Immutable.
 */
public final class DeniedBody {

  private static final Pattern PLACE = Pattern.compile("\\{([a-z][a-z-]*)}");

  /** Takes a value; empty if there is none. */
  private record Variable(boolean number, Function<Decision, String> value) {}

  private static final Map<String, Variable> KNOWN = known();

  private static Map<String, Variable> known() {
    Map<String, Variable> known = new LinkedHashMap<>();
    known.put("limit", number(state -> state.limit().algorithm().limit()));
    known.put("remaining", number(state -> state.verdict().remaining()));
    known.put("window", number(state -> HeaderProfile.windowSeconds(state.limit().algorithm())));
    known.put("reset", number(state -> HeaderProfile.seconds(state.verdict().resetAfterMicros())));
    known.put("retry-after", new Variable(true, DeniedBody::retryAfter));
    known.put("limit-name", text(state -> state.limit().name()));
    known.put("policy", text(LimitState::policy));
    known.put("reason", new Variable(false, decision -> decision.reason().word()));
    return known;
  }

  private static Variable number(ToLongFunction<LimitState> value) {
    return new Variable(
        true,
        decision ->
            decision.deciding().map(state -> Long.toString(value.applyAsLong(state))).orElse(""));
  }

  private static Variable text(Function<LimitState, String> value) {
    return new Variable(false, decision -> decision.deciding().map(value).orElse(""));
  }

  private static String retryAfter(Decision decision) {
    long seconds = Denials.retryAfterSeconds(decision);
    return seconds == 0 ? "" : Long.toString(seconds);
  }

  private final String mediaType;
  private final boolean json;
  private final String source;
  // Literals and the variables between them: one literal more.
  private final List<String> literals = new ArrayList<>();
  private final List<Variable> variables = new ArrayList<>();

  private DeniedBody(String mediaType, boolean json, String source) {
    this.mediaType = mediaType;
    this.json = json;
    this.source = source;
  }

  /**
   * A body.
   *
   * @param mediaType its {@code Content-Type}
   * @param json whether values are escaped for JSON strings, and numbers without a value are null
   * @throws IllegalArgumentException if it names a variable that a denial does not have
   */
  public static DeniedBody of(String mediaType, boolean json, String source) {
    DeniedBody body = new DeniedBody(mediaType, json, source);
    Matcher place = PLACE.matcher(source);
    int from = 0;
    while (place.find()) {
      Variable variable = KNOWN.get(place.group(1));
      if (variable == null) {
        throw new IllegalArgumentException(
            "{"
                + place.group(1)
                + "} (expected: one of "
                + String.join(", ", KNOWN.keySet())
                + ")");
      }
      body.literals.add(source.substring(from, place.start()));
      body.variables.add(variable);
      from = place.end();
    }
    body.literals.add(source.substring(from));
    return body;
  }

  String mediaType() {
    return mediaType;
  }

  /** The body of a denial. */
  byte[] of(Decision decision) {
    ByteWriter out = new ByteWriter();
    for (int i = 0; i < variables.size(); i++) {
      out.text(literals.get(i));
      Variable variable = variables.get(i);
      String value = variable.value.apply(decision);
      if (!json) {
        out.text(value);
      } else if (value.isEmpty() && variable.number) {
        out.text("null");
      } else {
        out.escaped(value);
      }
    }
    return out.text(literals.getLast()).toBytes();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DeniedBody body
        && body.json == json
        && body.mediaType.equals(mediaType)
        && body.source.equals(source);
  }

  @Override
  public int hashCode() {
    return Objects.hash(mediaType, json, source);
  }

  @Override
  public String toString() {
    return source;
  }
}
