// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import static java.util.Objects.requireNonNull;

import dev.weir.server.wire.ByteWriter;
import dev.weir.server.wire.Call;
import java.util.List;
import java.util.Optional;

/**
 * An answer as a template: a status, fields and a body.
 *
 * @param status 200..599
 * @param headers the fields; one whose variables have no value is left out
 * @param body the content
 */
public record Answer(int status, List<Header> headers, Optional<Content> body) {

  /**
   * One field.
   *
   * @param name its name
   * @param value its value
   */
  public record Header(String name, Template value) {}

  /**
   * A body.
   *
   * @param mediaType the {@code Content-Type}
   * @param json whether values are escaped for JSON strings
   * @param text what is written
   */
  public record Content(String mediaType, boolean json, Template text) {}

  /**
   * @throws IllegalArgumentException if the status is out of range
   */
  public Answer {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("status: " + status + " (expected: 200..599)");
    }
    headers = List.copyOf(headers);
    requireNonNull(body, "body");
  }

  /** An answer of a JSON text, which may hold variables. */
  public static Answer json(int status, String text) {
    return new Answer(
        status, List.of(), Optional.of(new Content("application/json", true, Template.of(text))));
  }

  /** Sets the status and the fields of this answer, the body's media type included. */
  void head(Exchange exchange) {
    Call call = exchange.call;
    call.status(status);
    for (Header header : headers) {
      header.value.field(exchange).ifPresent(value -> call.field(header.name, value));
    }
    if (body.isPresent() && !call.hasContentType()) {
      call.field("content-type", body.get().mediaType);
    }
  }

  /** Sets the fields, writes the body and ends the answer. */
  void send(Exchange exchange, ByteWriter out) {
    head(exchange);
    if (body.isEmpty()) {
      exchange.call.end();
      return;
    }
    out.clear();
    body.get().text.write(out, exchange, body.get().json);
    exchange.call.end(out);
  }
}
