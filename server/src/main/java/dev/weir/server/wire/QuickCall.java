// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.concurrent.EventExecutor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call of a plain request, carried beside the HTTP codec. The bytes it was read from are valid
 * until the next is read; what is answered later keeps a copy of its head. Reused by one event
 * loop; not safe for several threads.
 */
public final class QuickCall implements Call {

  private static final byte[] VERSION = ascii("HTTP/1.1 ");
  private static final byte[] DATE = ascii("\r\ndate: ");
  private static final byte[] LENGTH = ascii("content-length: ");
  private static final byte[] SEPARATOR = ascii(": ");
  private static final byte[] LINE = ascii("\r\n");
  private static final String CONTENT_TYPE = "content-type";

  private static final Logger LOG = LoggerFactory.getLogger(QuickCall.class);

  private final EventExecutor loop;
  private final RequestHead head = new RequestHead();
  private final ByteWriter fields = new ByteWriter();
  private final ByteWriter answer = new ByteWriter();
  private byte[] bytes = {};
  private byte[] kept = {};
  private int start;
  private int next;
  private String peer = "";
  private CharSequence date = "";
  private int status;
  private boolean contentType;
  private boolean ended;
  private @Nullable Consumer<QuickCall> listener;

  /**
   * @param loop the event loop that uses it
   */
  public QuickCall(EventExecutor loop) {
    this.loop = loop;
  }

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
    this.start = from;
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

  /** Has somebody told when the answer, which has not ended yet, does; null for nobody. */
  public void whenEnded(@Nullable Consumer<QuickCall> listener) {
    this.listener = listener;
  }

  @Override
  public <T> void await(
      CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> next) {
    keep();
    var unused =
        stage.whenComplete(
            (value, error) -> {
              if (loop.inEventLoop()) {
                goOn(value, error, next);
              } else {
                loop.execute(() -> goOn(value, error, next));
              }
            });
  }

  private <T> void goOn(
      @Nullable T value,
      @Nullable Throwable error,
      BiConsumer<@Nullable T, @Nullable Throwable> next) {
    try {
      next.accept(value, error);
    } catch (RuntimeException e) {
      LOG.error("answering {}", Query.path(head.target()), e);
      failed(Problem.BROKEN);
    }
  }

  private void keep() {
    int length = head.end() - start;
    if (kept.length < length) {
      kept = new byte[Math.max(length, 512)];
    }
    System.arraycopy(bytes, start, kept, 0, length);
    head.move(kept, start);
    bytes = kept;
    start = 0;
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

  /** The status that it is answered with, once that has ended. */
  public int status() {
    return status;
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
    tell();
  }

  @Override
  public void end(ByteWriter body) {
    finish(body.length());
    answer.append(body);
    tell();
  }

  private void tell() {
    if (listener != null) {
      listener.accept(this);
    }
  }

  private void finish(int length) {
    answer.raw(VERSION).number(status).character(' ');
    answer.text(status == 200 ? "OK" : HttpResponseStatus.valueOf(status).reasonPhrase());
    answer.raw(DATE).text(date.toString()).raw(LINE).append(fields);
    answer.raw(LENGTH).number(length).raw(LINE).raw(LINE);
    ended = true;
  }

  @Override
  public void failed(Problem problem) {
    if (!ended || listener == null) {
      restart();
      problem(problem);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
