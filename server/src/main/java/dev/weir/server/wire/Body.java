// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import io.netty.buffer.ByteBuf;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.buffer.BufferInternal;
import org.jspecify.annotations.Nullable;

/**
 * A request's body on its way: put together up to a bound, within a deadline. Used by one event
 * loop.
 */
public final class Body implements Handler<Buffer> {

  /** Takes a whole body. The bytes are only valid during the call. */
  @FunctionalInterface
  public interface Receiver {
    void receive(HttpServerRequest request, byte[] bytes, int from, int to);
  }

  /** Answers a request whose body cannot be taken. */
  @FunctionalInterface
  public interface Refusal {
    void refuse(HttpServerRequest request, Problem problem);
  }

  private static final byte[] NOTHING = {};

  private final HttpServerRequest request;
  private final Connection connection;
  private final int maxBytes;
  private final Receiver receiver;
  private final Refusal refusal;
  private @Nullable Buffer first;
  private @Nullable Buffer rest;
  private boolean done;

  @Nullable Body before;
  @Nullable Body after;
  long since;

  private Body(
      HttpServerRequest request,
      Connection connection,
      int maxBytes,
      Receiver receiver,
      Refusal refusal) {
    this.request = request;
    this.connection = connection;
    this.maxBytes = maxBytes;
    this.receiver = receiver;
    this.refusal = refusal;
  }

  /** Starts to collect; the receiver is called once unless the body is refused or breaks off. */
  public static void collect(
      HttpServerRequest request, Connection connection, int maxBytes, Receiver receiver) {
    String length = request.headers().get(HttpHeaders.CONTENT_LENGTH);
    if (length != null && tooLong(length, maxBytes)) {
      Answers.refuse(request, tooLarge(maxBytes));
      return;
    }
    if (request.headers().contains(HttpHeaders.EXPECT)) {
      request.response().writeContinue();
    }
    collect(request, connection, maxBytes, receiver, Answers::refuse);
  }

  /**
   * Starts to collect a body that announces nothing.
   *
   * @param refusal answers if it is too long or too late
   */
  public static void collect(
      HttpServerRequest request,
      Connection connection,
      int maxBytes,
      Receiver receiver,
      Refusal refusal) {
    Body body = new Body(request, connection, maxBytes, receiver, refusal);
    connection.await(body);
    request.handler(body);
    request.endHandler(ignored -> body.end());
    request.exceptionHandler(ignored -> body.broken());
  }

  private static boolean tooLong(String length, int maxBytes) {
    try {
      return Long.parseLong(length) > maxBytes;
    } catch (NumberFormatException e) {
      return true;
    }
  }

  private static Problem tooLarge(int maxBytes) {
    return Problem.of(413, "body: too large (expected: at most " + maxBytes + " bytes)")
        .with("name", "body")
        .with("expected", "at most " + maxBytes + " bytes");
  }

  @Override
  public void handle(Buffer chunk) {
    if (done) {
      return;
    }
    int size = (first == null ? 0 : first.length()) + (rest == null ? 0 : rest.length());
    if (size + (long) chunk.length() > maxBytes) {
      refuse(tooLarge(maxBytes));
    } else if (first == null) {
      first = chunk;
    } else if (rest == null) {
      rest = Buffer.buffer(2 * chunk.length()).appendBuffer(chunk);
    } else {
      rest.appendBuffer(chunk);
    }
  }

  private void end() {
    if (done) {
      return;
    }
    finish();
    if (first == null) {
      receiver.receive(request, NOTHING, 0, 0);
      return;
    }
    Buffer whole = rest == null ? first : Buffer.buffer().appendBuffer(first).appendBuffer(rest);
    ByteBuf bytes = ((BufferInternal) whole).getByteBuf();
    if (bytes.hasArray()) {
      int from = bytes.arrayOffset() + bytes.readerIndex();
      receiver.receive(request, bytes.array(), from, from + bytes.readableBytes());
    } else {
      byte[] copy = whole.getBytes();
      receiver.receive(request, copy, 0, copy.length);
    }
  }

  private void broken() {
    if (!done) {
      finish();
    }
  }

  void expire() {
    if (!done) {
      refuse(Problem.of(408, "body: not complete in time"));
    }
  }

  private void refuse(Problem problem) {
    finish();
    refusal.refuse(request, problem);
  }

  private void finish() {
    done = true;
    connection.finished(this);
  }
}
