// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import static java.util.Objects.requireNonNull;

import dev.weir.server.wire.BadRequest;
import dev.weir.server.wire.BearerTokens;
import dev.weir.server.wire.Query;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request whose sender is known and may ask it.
 *
 * @param token who asks, as the token was found
 * @param variables of the path, decoded
 * @param parameters of the query, each at most once
 * @param ifMatch the version that the sender expects
 * @param isText whether the body is a text of its own and no JSON
 * @param body the body
 */
record Visit(
    BearerTokens.Token<Administrator> token,
    Map<String, String> variables,
    List<Query.Parameter> parameters,
    Optional<String> ifMatch,
    boolean isText,
    Buffer body) {

  /** Who asks. */
  Administrator who() {
    return token.grant();
  }

  String variable(String name) {
    return requireNonNull(variables.get(name), name);
  }

  Optional<String> parameter(String name) {
    return Query.value(parameters, name);
  }

  /** A whole number of the query. */
  long parameter(String name, long min, long max, long otherwise) {
    Optional<String> text = parameter(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    if (text.get().matches("[0-9]{1,19}")) {
      try {
        long number = Long.parseLong(text.get());
        if (number >= min && number <= max) {
          return number;
        }
      } catch (NumberFormatException e) {
        throw BadRequest.of(name, "too large", min + ".." + max);
      }
    }
    throw BadRequest.of(name, text.get(), min + ".." + max);
  }

  /** The fields of the body. */
  Input input() {
    return new Input(StrictJson.object(body.getBytes()));
  }

  /** The same with a body. */
  Visit with(boolean text, Buffer other) {
    return new Visit(token, variables, parameters, ifMatch, text, other);
  }

  String author() {
    return who().name();
  }
}
