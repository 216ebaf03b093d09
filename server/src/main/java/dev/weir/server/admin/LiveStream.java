// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import dev.weir.server.wire.BearerTokens;
import dev.weir.server.wire.FullCall;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One answer that goes on. Events may be offered by any thread; everything else is its event
 * loop's.
 *
 * <p>A reader that takes nothing misses events: one event and what the connection buffers is all
 * that is kept for it. One that takes nothing for {@value #PATIENCE} of them is cut off.
 */
final class LiveStream {

  /** Events that a reader may miss one after the other. */
  static final int PATIENCE = 5;

  /** Events of an hour: after that its reader has to show its token again. */
  private static final int MAX_EVENTS = 3_600;

  /** Bytes that may wait for a reader before it misses events. */
  private static final int QUEUE_BYTES = 8_192;

  private final FullCall call;
  private final HttpServerResponse response;
  private final Context context;
  private final BearerTokens.Token<Administrator> token;
  private final Predicate<BearerTokens.Token<Administrator>> good;
  private final Consumer<LiveStream> left;
  private final AtomicReference<@Nullable Buffer> offered = new AtomicReference<>();
  private int waiting;
  private int missed;
  private int events;
  private boolean over;

  LiveStream(
      FullCall call,
      BearerTokens.Token<Administrator> token,
      Predicate<BearerTokens.Token<Administrator>> good,
      Consumer<LiveStream> left) {
    this.call = call;
    this.response = call.request().response();
    this.context = ((HttpServerRequestInternal) call.request()).context();
    this.token = token;
    this.good = good;
    this.left = left;
  }

  /**
   * Begins the answer.
   *
   * @param first the figures of the second that is running, if they are there
   */
  void begin(@Nullable Buffer first) {
    call.connection().exchangeStarted();
    response.putHeader("Content-Type", "text/event-stream");
    // nginx would keep events back until its buffer is full.
    response.putHeader("X-Accel-Buffering", "no");
    if (call.request().version() == HttpVersion.HTTP_1_1) {
      response.setChunked(true);
    }
    response.closeHandler(closed -> leave());
    response.exceptionHandler(broken -> leave());
    if (first != null) {
      write(first);
    }
  }

  /** Hands an event over, in place of one that is still on its way. */
  void offer(Buffer event) {
    if (offered.getAndSet(event) == null) {
      context.runOnContext(run -> deliver());
    }
  }

  private void deliver() {
    Buffer event = offered.getAndSet(null);
    if (event == null || over) {
      return;
    }
    if (response.closed()) {
      leave();
    } else if (!good.test(token)) {
      finish(LiveStreams.End.TOKEN);
    } else if (++events > MAX_EVENTS) {
      finish(LiveStreams.End.AGE);
    } else {
      write(event);
    }
  }

  /* Vert.x tells that a queue is full at its own bound, which is larger for HTTP/2. */
  private void write(Buffer event) {
    if (waiting < QUEUE_BYTES) {
      missed = 0;
      waiting += event.length();
      var unused = response.write(event).onComplete(written -> waiting -= event.length());
    } else if (++missed >= PATIENCE) {
      leave();
      var unused = response.reset();
    }
  }

  /** Ends it, and tells its reader why; any thread. */
  void end(LiveStreams.End why) {
    context.runOnContext(run -> finish(why));
  }

  private void finish(LiveStreams.End why) {
    if (over) {
      return;
    }
    leave();
    if (!response.ended() && !response.closed()) {
      JsonObject reason = new JsonObject().put("reason", why.name().toLowerCase(Locale.ROOT));
      var unused = response.end(LiveStreams.event("end", reason));
    }
  }

  private void leave() {
    if (!over) {
      over = true;
      call.connection().exchangeEnded();
      left.accept(this);
    }
  }
}
