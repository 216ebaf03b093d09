// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import dev.weir.core.Decision;
import dev.weir.core.LimitState;
import dev.weir.server.wire.Denials;
import dev.weir.server.wire.HeaderProfile;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * A variable of a template.
 *
 * @param isNumber whether its values are whole numbers
 * @param source takes the value from an exchange
 */
record Variable(boolean isNumber, Function<Exchange, Optional<String>> source) {

  private static final Variable IDENTITY =
      text(exchange -> exchange.identity().map(Identity::shown));

  /** The variables without a parameter, in the order in which they are told. */
  private static final Map<String, Variable> KNOWN = known();

  private static Map<String, Variable> known() {
    Map<String, Variable> known = new LinkedHashMap<>();
    known.put("limit", number(state -> state.limit().algorithm().limit()));
    known.put("remaining", number(state -> state.verdict().remaining()));
    known.put("used", number(Variable::used));
    known.put("window", number(state -> HeaderProfile.windowSeconds(state.limit().algorithm())));
    known.put("reset", number(state -> HeaderProfile.seconds(state.verdict().resetAfterMicros())));
    known.put("reset-ms", number(state -> millis(state.verdict().resetAfterMicros())));
    known.put("reset-epoch", number(state -> HeaderProfile.seconds(resetAt(state))));
    known.put("retry-after", new Variable(true, Variable::retryAfter));
    known.put("retry-after-ms", untilRetry(decision -> millis(decision.retryAfterMicros())));
    known.put("now", new Variable(true, exchange -> some(exchange.nowMicros() / 1_000_000)));
    known.put("now-ms", new Variable(true, exchange -> some(exchange.nowMicros() / 1_000)));
    known.put("now-iso", text(exchange -> Optional.of(iso(exchange.nowMicros()))));
    known.put("policy", text(exchange -> exchange.deciding().map(LimitState::policy)));
    known.put(
        "limit-name", text(exchange -> exchange.deciding().map(state -> state.limit().name())));
    known.put(
        "reason", text(exchange -> exchange.decision().map(decision -> decision.reason().word())));
    known.put("identity", IDENTITY);
    known.put("user", text(exchange -> exchange.caller().map(caller -> caller.user().id())));
    known.put("tier", text(exchange -> exchange.caller().map(caller -> caller.user().tier())));
    known.put(
        "tenant", text(exchange -> exchange.caller().flatMap(caller -> caller.user().tenant())));
    known.put("key-id", text(exchange -> exchange.caller().map(caller -> caller.key().id())));
    known.put("address", text(exchange -> Optional.of(exchange.address())));
    known.put("path", text(exchange -> Optional.of(exchange.path)));
    known.put("method", text(exchange -> Optional.of(exchange.call.method())));
    known.put("request-id", text(exchange -> Optional.of(exchange.requestId())));
    known.put("store-error", text(Exchange::storeError));
    return known;
  }

  private static long used(LimitState state) {
    return Math.max(0, state.limit().algorithm().limit() - state.verdict().remaining());
  }

  private static long resetAt(LimitState state) {
    return state.verdict().micros() + state.verdict().resetAfterMicros();
  }

  /**
   * The variable of this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Variable of(String name) {
    int colon = name.indexOf(':');
    if (colon > 0) {
      return parameterized(name, name.substring(0, colon), name.substring(colon + 1));
    }
    Variable variable = KNOWN.get(name);
    if (variable == null) {
      throw unknown(name);
    }
    return variable;
  }

  private static Variable parameterized(String name, String kind, String parameter) {
    return switch (kind) {
      case "header" -> text(exchange -> exchange.header(parameter));
      case "query" -> text(exchange -> exchange.queryValue(parameter));
      case "path" -> text(exchange -> Optional.ofNullable(exchange.pathVariables.get(parameter)));
      default -> throw unknown(name);
    };
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException(
        "variable: {"
            + name
            + "} (expected: "
            + String.join(", ", KNOWN.keySet())
            + ", header:NAME, query:NAME, path:NAME)");
  }

  boolean isIdentity() {
    return equals(IDENTITY);
  }

  Optional<String> value(Exchange exchange) {
    return source.apply(exchange);
  }

  private static Variable text(Function<Exchange, Optional<String>> source) {
    return new Variable(false, source);
  }

  private static Variable number(ToLongFunction<LimitState> source) {
    return new Variable(
        true,
        exchange -> exchange.deciding().map(state -> Long.toString(source.applyAsLong(state))));
  }

  private static Variable untilRetry(ToLongFunction<Decision> source) {
    return new Variable(
        true,
        exchange ->
            exchange
                .decision()
                .map(source::applyAsLong)
                .filter(value -> value > 0)
                .map(value -> Long.toString(value)));
  }

  private static Optional<String> retryAfter(Exchange exchange) {
    long banned = exchange.bannedSeconds();
    return banned > 0
        ? some(banned)
        : untilRetry(Denials::retryAfterSeconds).source.apply(exchange);
  }

  private static Optional<String> some(long value) {
    return Optional.of(Long.toString(value));
  }

  private static long millis(long micros) {
    return Math.ceilDiv(micros, 1_000L);
  }

  private static String iso(long micros) {
    return Instant.ofEpochMilli(Math.floorDiv(micros, 1_000L)).toString();
  }
}
