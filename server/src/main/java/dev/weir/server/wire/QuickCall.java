// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A call of a plain request, carried beside the HTTP codec: its bytes are valid until it is
 * answered, which is before the next is read. Reused by one event loop; not safe for several
 * threads.
 */
public final class QuickCall implements Call {

  private static final byte[] VERSION = ascii("HTTP/1.1 ");
  private static final byte[] DATE = ascii("\r\ndate: ");
  private static final byte[] LENGTH = ascii("content-length: ");
  private static final byte[] SEPARATOR = ascii(": ");
  private static final byte[] LINE = ascii("\r\n");
  private static final String CONTENT_TYPE = "content-type";

  private final RequestHead head = new RequestHead();
  private final ByteWriter fields = new ByteWriter();
  private final ByteWriter answer = new ByteWriter();
  private byte[] bytes = {};
  private int next;
  private String peer = "";
  private CharSequence date = "";
  private int status;
  private boolean contentType;
  private boolean ended;

  /**
   * Reads the request that starts at a position.
   *
   * @param peer the address at the other end of the connection
   * @param date the time as a value of {@code Date}
   * @return whether it is complete and plain
   */
  public boolean read(byte[] bytes, int from, int to, String peer, CharSequence date) {
    if (!head.read(bytes, from, to)) {
      return false;
    }
    this.bytes = bytes;
    this.peer = peer;
    this.date = date;
    next = head.end() + head.contentLength();
    restart();
    return next <= to;
  }

  private void restart() {
    fields.clear();
    answer.clear();
    status = 200;
    contentType = false;
    ended = false;
  }

  public RequestHead head() {
    return head;
  }

  /** The bytes that hold the body, from {@link #bodyFrom} to {@link #bodyTo}. */
  public byte[] bytes() {
    return bytes;
  }

  public int bodyFrom() {
    return head.end();
  }

  public int bodyTo() {
    return next;
  }

  /** The whole answer; empty unless it has ended. */
  public ByteWriter answer() {
    return answer;
  }

  /** Whether the answer has ended. */
  public boolean ended() {
    return ended;
  }

  @Override
  public String method() {
    return head.method().name();
  }

  @Override
  public String target() {
    return head.target();
  }

  @Override
  public @Nullable String header(String name) {
    return head.field(name.toLowerCase(Locale.ROOT));
  }

  @Override
  public List<String> headers(String name) {
    return head.fields(name.toLowerCase(Locale.ROOT));
  }

  @Override
  public String peer() {
    return peer;
  }

  @Override
  public void status(int status) {
    this.status = status;
  }

  /**
   * Sets a field.
   *
   * @throws IllegalArgumentException if the value could end the field's line
   */
  @Override
  public void field(CharSequence name, CharSequence value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\t') || c == 0x7f) {
        throw new IllegalArgumentException("field " + name + ": a control character in its value");
      }
    }
    contentType |= isContentType(name);
    fields.text(name.toString()).raw(SEPARATOR).text(value.toString()).raw(LINE);
  }

  private static boolean isContentType(CharSequence name) {
    return name.length() == CONTENT_TYPE.length() && name.toString().equalsIgnoreCase(CONTENT_TYPE);
  }

  /** Sets a field whose line is ready. */
  public void line(byte[] line) {
    fields.raw(line);
  }

  @Override
  public boolean hasContentType() {
    return contentType;
  }

  @Override
  public void end() {
    finish(0);
  }

  @Override
  public void end(ByteWriter body) {
    finish(body.length());
    answer.append(body);
  }

  private void finish(int length) {
    answer.raw(VERSION).number(status).character(' ');
    answer.text(status == 200 ? "OK" : HttpResponseStatus.valueOf(status).reasonPhrase());
    answer.raw(DATE).text(date.toString()).raw(LINE).append(fields);
    answer.raw(LENGTH).number(length).raw(LINE).raw(LINE);
    ended = true;
  }

  /** A problem takes the place of whatever was begun. */
  public void failed(Problem problem) {
    restart();
    problem(problem);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
