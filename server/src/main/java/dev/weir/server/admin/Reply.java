// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import dev.weir.server.wire.FullCall;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An answer.
 *
 * @param status the status
 * @param body JSON in UTF-8; empty for none
 * @param fields further fields of the head
 * @param going gives the answer in place of all this, if it is one that goes on
 */
record Reply(
    int status, Buffer body, Map<String, String> fields, Optional<Consumer<FullCall>> going) {

  Reply(int status, Buffer body, Map<String, String> fields) {
    this(status, body, fields, Optional.empty());
  }

  /** One that goes on. */
  static Reply going(Consumer<FullCall> answer) {
    return new Reply(200, Buffer.buffer(), Map.of(), Optional.of(answer));
  }

  static Reply of(int status, JsonObject body) {
    return new Reply(status, body.toBuffer(), Map.of());
  }

  static Reply ok(JsonObject body) {
    return of(200, body);
  }

  static Reply created(String location, JsonObject body) {
    return of(201, body).field("Location", location);
  }

  static Reply nothing() {
    return new Reply(204, Buffer.buffer(), Map.of());
  }

  /** The same with one further field. */
  Reply field(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(fields);
    more.put(name, value);
    return new Reply(status, body, more, going);
  }
}
