// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The path and the query of a request target, decoded strictly. */
public final class Query {

  /**
   * One parameter.
   *
   * @param name its name
   * @param value its value; empty if there is no '='
   */
  public record Parameter(String name, String value) {}

  private Query() {}

  /** The part of a request target before its query, without the host of an absolute one. */
  public static String path(String target) {
    return pathOf(origin(target));
  }

  /** A request target as a server sees it: RFC 9112, 3.2.2 has servers take absolute ones, too. */
  public static String origin(String target) {
    int scheme = target.startsWith("/") ? -1 : target.indexOf("://");
    if (scheme < 0) {
      return target;
    }
    int path = target.indexOf('/', scheme + 3);
    return path < 0 ? "/" : target.substring(path);
  }

  private static String pathOf(String target) {
    int mark = target.indexOf('?');
    return mark < 0 ? target : target.substring(0, mark);
  }

  /** The part of a request target after the question mark; empty if there is none. */
  public static String query(String target) {
    int mark = target.indexOf('?');
    return mark < 0 ? "" : target.substring(mark + 1);
  }

  /**
   * The parameters in order.
   *
   * @throws BadRequest if a percent escape is broken or is not UTF-8
   */
  public static List<Parameter> parameters(String query) {
    List<Parameter> parameters = new ArrayList<>();
    int from = 0;
    while (from < query.length()) {
      int to = query.indexOf('&', from);
      if (to < 0) {
        to = query.length();
      }
      if (to > from) {
        int mark = query.indexOf('=', from);
        boolean valued = mark >= 0 && mark < to;
        String name = decode(query.substring(from, valued ? mark : to), true);
        parameters.add(
            new Parameter(name, valued ? decode(query.substring(mark + 1, to), true) : ""));
      }
      from = to + 1;
    }
    return parameters;
  }

  /** The first value of a parameter. */
  public static Optional<String> value(List<Parameter> parameters, String name) {
    for (Parameter parameter : parameters) {
      if (parameter.name.equals(name)) {
        return Optional.of(parameter.value);
      }
    }
    return Optional.empty();
  }

  /**
   * Text without its percent escapes.
   *
   * @param form whether '+' means a space, as in a query
   * @throws BadRequest if an escape is broken or is not UTF-8
   */
  public static String decode(String text, boolean form) {
    if (text.indexOf('%') < 0 && (!form || text.indexOf('+') < 0)) {
      return text;
    }
    byte[] bytes = new byte[text.length()];
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        int high = i < text.length() - 2 ? Character.digit(text.charAt(i + 1), 16) : -1;
        int low = i < text.length() - 2 ? Character.digit(text.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          throw BadRequest.of("request target", text, "two hexadecimal digits after '%'");
        }
        bytes[length++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        bytes[length++] = (byte) (form && c == '+' ? ' ' : c);
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw BadRequest.of("request target", text, "escapes of UTF-8");
    }
  }
}
