// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An error answered as {@code application/problem+json} (RFC 9457).
 *
 * @param status the HTTP status
 * @param type what kind of problem; {@code about:blank} if the status says it all
 * @param title one line for the kind
 * @param detail one line for this occurrence
 * @param members further members: texts and whole numbers, in order
 */
public record Problem(
    int status, String type, String title, String detail, Map<String, Object> members) {

  /** The media type of a problem. */
  public static final String MEDIA_TYPE = "application/problem+json";

  /** A fault of the server, of which a client sees no more. */
  public static final Problem BROKEN = Problem.of(500, "The request could not be served.");

  /** The type of a denial by a limit. */
  public static final String QUOTA_EXCEEDED =
      "https://iana.org/assignments/http-problem-types#quota-exceeded";

  /** The type of a denial by a limit's failure policy. */
  public static final String REDUCED_CAPACITY =
      "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity";

  public Problem {
    requireNonNull(type, "type");
    requireNonNull(title, "title");
    requireNonNull(detail, "detail");
    members = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(members));
  }

  /** A problem that its status names. */
  public static Problem of(int status, String detail) {
    return new Problem(status, "about:blank", title(status), detail, Map.of());
  }

  /** The same problem with one further member, a text or a whole number. */
  public Problem with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(members);
    more.put(name, value);
    return new Problem(status, type, title, detail, more);
  }

  /** Its JSON text. */
  public byte[] toBytes() {
    ByteWriter out = new ByteWriter();
    out.text("{\"type\":").quoted(type).text(",\"title\":").quoted(title);
    out.text(",\"status\":").number(status).text(",\"detail\":").quoted(detail);
    members.forEach((name, value) -> member(out, name, value));
    return out.character('}').toBytes();
  }

  private static void member(ByteWriter out, String name, Object value) {
    out.character(',').quoted(name).character(':');
    if (value instanceof Long || value instanceof Integer) {
      out.number(((Number) value).longValue());
    } else if (value instanceof Iterable<?> values) {
      out.character('[');
      boolean first = true;
      for (Object each : values) {
        out.text(first ? "" : ",").quoted(each.toString());
        first = false;
      }
      out.character(']');
    } else {
      out.quoted(value.toString());
    }
  }

  private static String title(int status) {
    return io.netty.handler.codec.http.HttpResponseStatus.valueOf(status).reasonPhrase();
  }
}
