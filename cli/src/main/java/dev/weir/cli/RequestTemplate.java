// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A request of which only the keys change. In a batch the body's unit is repeated, each time with a
 * key of its own; the head has the first. Immutable.
 */
final class RequestTemplate {

  /** What stands for the key. */
  static final String PLACEHOLDER = "{key}";

  /**
   * A body.
   *
   * @param before what stands before the first unit
   * @param unit what is repeated
   * @param after what stands after the last unit
   * @param count how many units
   */
  record Body(String before, String unit, String after, int count) {
    static Body of(String text) {
      return new Body("", text, "", 1);
    }
  }

  private static final byte[] END_OF_HEAD = {'\r', '\n', '\r', '\n'};

  private final List<byte[]> head;
  private final Optional<Body> body;
  private final byte[] before;
  private final List<byte[]> unit;
  private final byte[] after;
  private final boolean isHead;

  private RequestTemplate(String method, String head, Optional<Body> body) {
    this.head = split(head);
    this.body = body;
    this.before = body.map(Body::before).orElse("").getBytes(UTF_8);
    this.unit = split(body.map(Body::unit).orElse(""));
    this.after = body.map(Body::after).orElse("").getBytes(UTF_8);
    this.isHead = method.equals("HEAD");
  }

  static RequestTemplate of(
      String method, Target target, List<String> fields, Optional<Body> body) {
    StringBuilder head = new StringBuilder(256);
    head.append(method).append(' ').append(target.path()).append(" HTTP/1.1\r\n");
    head.append("Host: ").append(target.authority());
    for (String field : fields) {
      head.append("\r\n").append(field);
    }
    if (body.isPresent()) {
      head.append("\r\nContent-Length: ");
    }
    return new RequestTemplate(method, head.toString(), body);
  }

  /** Whether the answer has no body whatever its head says. */
  boolean isHead() {
    return isHead;
  }

  /** How many checks one request asks for. */
  int checks() {
    return body.map(Body::count).orElse(1);
  }

  /** One request. */
  byte[] render(KeyPicker keys) {
    byte[] first = digits(keys.next());
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    fill(head, first, out);
    if (body.isPresent()) {
      byte[] content = content(first, keys);
      out.writeBytes(digits(content.length));
      out.writeBytes(END_OF_HEAD);
      out.writeBytes(content);
    } else {
      out.writeBytes(END_OF_HEAD);
    }
    return out.toByteArray();
  }

  private byte[] content(byte[] first, KeyPicker keys) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    out.writeBytes(before);
    for (int i = 0; i < checks(); i++) {
      if (i > 0) {
        out.write(',');
      }
      fill(unit, i == 0 ? first : digits(keys.next()), out);
    }
    out.writeBytes(after);
    return out.toByteArray();
  }

  /** Whether every request is the same. */
  boolean constant() {
    return head.size() == 1 && unit.size() == 1;
  }

  private static void fill(List<byte[]> parts, byte[] key, ByteArrayOutputStream out) {
    out.writeBytes(parts.getFirst());
    for (int i = 1; i < parts.size(); i++) {
      out.writeBytes(key);
      out.writeBytes(parts.get(i));
    }
  }

  private static byte[] digits(long number) {
    return Long.toString(number).getBytes(UTF_8);
  }

  private static List<byte[]> split(String text) {
    List<byte[]> parts = new ArrayList<>();
    int from = 0;
    for (int at = text.indexOf(PLACEHOLDER); at >= 0; at = text.indexOf(PLACEHOLDER, from)) {
      parts.add(text.substring(from, at).getBytes(UTF_8));
      from = at + PLACEHOLDER.length();
    }
    parts.add(text.substring(from).getBytes(UTF_8));
    return List.copyOf(parts);
  }
}
