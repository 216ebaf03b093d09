// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import static java.util.Objects.requireNonNull;

import dev.weir.server.metrics.TopKeys;
import dev.weir.server.wire.BearerTokens;
import dev.weir.server.wire.FullCall;
import dev.weir.server.wire.Problem;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers that go on: every second an event with the figures of this instance, in the format of
 * server-sent events (HTML Living Standard, 9.2). Safe for use by any thread.
 *
 * <p>Figures are made once a second for all streams, and not at all while there is none. There are
 * at most {@value #MAX}.
 */
public final class LiveStreams {

  /** Most streams at a time. */
  static final int MAX = 32;

  private static final Logger LOG = LoggerFactory.getLogger(LiveStreams.class);
  private static final long EVERY_MILLIS = 1_000;
  private static final int TOP_KEYS = 10;
  private static final String RETRY_SECONDS = "5";

  /** Why a stream ends that its reader did not end. */
  enum End {
    /** Its token is no longer good. */
    TOKEN,
    /** The server is about to end. */
    DRAINING,
    /** It has gone on for an hour. */
    AGE
  }

  /** Makes figures. Used by one thread. */
  public interface Source {

    /** Forgets what was before: the next figures are the first ones again. */
    void restart();

    /** What happened since it was asked before, as JSON. */
    JsonObject next();
  }

  private final Source source;
  private final TopKeys topKeys;
  private final Predicate<BearerTokens.Token<Administrator>> good;
  private final ScheduledExecutorService clock;
  private final Set<LiveStream> streams = ConcurrentHashMap.newKeySet();
  private final AtomicInteger places = new AtomicInteger();
  private volatile @Nullable Buffer latest;
  // Guarded by this.
  private @Nullable ScheduledFuture<?> ticking;
  private boolean ended;

  /**
   * No stream yet.
   *
   * @param topKeys are part of the figures
   * @param good whether a token that was good still is
   * @param clock makes the figures, on its thread
   */
  public LiveStreams(
      Source source,
      TopKeys topKeys,
      Predicate<BearerTokens.Token<Administrator>> good,
      ScheduledExecutorService clock) {
    this.source = requireNonNull(source, "source");
    this.topKeys = requireNonNull(topKeys, "topKeys");
    this.good = requireNonNull(good, "good");
    this.clock = requireNonNull(clock, "clock");
  }

  /** Answers a call with a stream; on the call's event loop. */
  void join(FullCall call, BearerTokens.Token<Administrator> token) {
    if (call.request().version() == HttpVersion.HTTP_1_0) {
      call.problem(Problem.of(505, "version: HTTP/1.0 (expected: HTTP/1.1 or HTTP/2)"));
    } else if (places.incrementAndGet() > MAX) {
      places.decrementAndGet();
      call.field("Retry-After", RETRY_SECONDS);
      call.problem(Problem.of(503, "streams: " + MAX + " are open (expected: fewer)"));
    } else {
      LiveStream stream = new LiveStream(call, token, good, this::left);
      if (!add(stream)) {
        places.decrementAndGet();
        call.problem(Problem.of(503, "draining: this instance is about to end"));
        return;
      }
      Buffer now = latest;
      stream.begin(now);
    }
  }

  private synchronized boolean add(LiveStream stream) {
    if (ended) {
      return false;
    }
    streams.add(stream);
    if (ticking == null) {
      latest = null;
      try {
        clock.execute(source::restart);
        ticking = clock.scheduleAtFixedRate(this::tick, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        streams.remove(stream);
        return false;
      }
    }
    return true;
  }

  private synchronized void left(LiveStream stream) {
    if (!streams.remove(stream)) {
      return;
    }
    places.decrementAndGet();
    if (streams.isEmpty() && ticking != null) {
      ticking.cancel(false);
      ticking = null;
      latest = null;
    }
  }

  private void tick() {
    try {
      JsonObject figures =
          source
              .next()
              .put(
                  "topKeys",
                  new JsonObject()
                      .put("denied", TopRoutes.shown(topKeys.mostDenied(TOP_KEYS)))
                      .put("used", TopRoutes.shown(topKeys.mostUsed(TOP_KEYS))))
              .put("streams", streams.size());
      Buffer event = event("live", figures);
      latest = event;
      streams.forEach(stream -> stream.offer(event));
    } catch (RuntimeException e) {
      LOG.error("making figures", e);
    }
  }

  static Buffer event(String name, JsonObject data) {
    return Buffer.buffer("event: " + name + "\ndata: " + data.encode() + "\n\n");
  }

  /** Streams that are open. */
  int count() {
    return streams.size();
  }

  /** Ends every stream, tells its reader why, and begins no more. */
  public void drain() {
    synchronized (this) {
      ended = true;
    }
    streams.forEach(stream -> stream.end(End.DRAINING));
  }
}
