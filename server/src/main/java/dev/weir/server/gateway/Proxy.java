// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import static java.util.Objects.requireNonNull;

import dev.weir.server.wire.Answers;
import dev.weir.server.wire.Problem;
import dev.weir.server.wire.Query;
import io.vertx.core.MultiMap;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes requests on to services and their answers back, streaming both ways at the pace of the
 * slower side. Safe for use by the event loops of one process.
 */
public final class Proxy {

  private static final Logger LOG = LoggerFactory.getLogger(Proxy.class);

  /** RFC 9110, section 7.6.1: these end at each hop, and so do those that Connection names. */
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "proxy-authorization",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private static final String VIA = "1.1 weir";

  private final HttpClient client;

  /** The services whose last answer was none, so that the log tells of changes only. */
  private final Set<String> failing = ConcurrentHashMap.newKeySet();

  public Proxy(HttpClient client) {
    this.client = requireNonNull(client, "client");
  }

  void pass(Target target, Exchange exchange) {
    HttpServerRequest incoming = exchange.full().request();
    incoming.pause();
    exchange.full().connection().exchangeStarted();
    Passage passage = new Passage(target, exchange, failing);
    incoming.response().closeHandler(closed -> passage.clientLeft());
    incoming.response().bodyEndHandler(ended -> passage.ended());
    RequestOptions options =
        new RequestOptions()
            .setHost(target.host())
            .setPort(target.port())
            .setSsl(target.tls())
            .setMethod(incoming.method())
            .setURI(target.basePath() + Query.origin(incoming.uri()))
            .setConnectTimeout(target.connectTimeout().toMillis())
            .setIdleTimeout(target.timeout().toMillis());
    try {
      client.request(options).onSuccess(passage::connected).onFailure(passage::failed);
    } catch (IllegalStateException closed) {
      // The process is ending.
      passage.failed(closed);
    }
  }

  /** One request on its way to its service and back. Used by one event loop. */
  private static final class Passage {
    private final Target target;
    private final Exchange exchange;
    private final Set<String> failing;
    private final HttpServerRequest incoming;
    private final HttpServerResponse answer;
    private @org.jspecify.annotations.Nullable HttpClientRequest outgoing;
    private boolean answering;
    private boolean done;

    Passage(Target target, Exchange exchange, Set<String> failing) {
      this.target = target;
      this.exchange = exchange;
      this.failing = failing;
      this.incoming = exchange.full().request();
      this.answer = incoming.response();
    }

    void connected(HttpClientRequest request) {
      if (done) {
        request.reset();
        return;
      }
      outgoing = request;
      MultiMap headers = request.headers();
      copy(incoming.headers(), headers, Set.of("host", "content-length", "expect"));
      forwarded(headers);
      request.response().onSuccess(this::answered).onFailure(this::failed);
      String length = incoming.getHeader(HttpHeaders.CONTENT_LENGTH);
      boolean chunked = incoming.headers().contains(HttpHeaders.TRANSFER_ENCODING);
      boolean unsized = length == null && incoming.version() == HttpVersion.HTTP_2;
      if (length == null && !chunked && (!unsized || incoming.isEnded())) {
        request.end();
        incoming.resume();
        return;
      }
      if (incoming.headers().contains(HttpHeaders.EXPECT)) {
        answer.writeContinue();
      }
      if (length == null) {
        request.setChunked(true);
      } else {
        request.putHeader(HttpHeaders.CONTENT_LENGTH, length);
      }
      incoming.pipe().endOnFailure(false).to(request).onFailure(this::failed);
    }

    private void forwarded(MultiMap headers) {
      String host = incoming.getHeader(HttpHeaders.HOST);
      String authority = host != null ? host : String.valueOf(incoming.authority());
      headers.set(HttpHeaders.HOST, target.keepHost() ? authority : target.authority());
      String peer = incoming.remoteAddress().hostAddress();
      // What an untrusted client wrote there is not passed on as if a proxy had seen it.
      String before = exchange.peerTrusted() ? joined(incoming, "X-Forwarded-For") : "";
      headers.set("X-Forwarded-For", before.isEmpty() ? peer : before + ", " + peer);
      if (!exchange.peerTrusted() || !headers.contains("X-Forwarded-Proto")) {
        headers.set("X-Forwarded-Proto", incoming.isSSL() ? "https" : "http");
      }
      if (!exchange.peerTrusted() || !headers.contains("X-Forwarded-Host")) {
        headers.set("X-Forwarded-Host", authority);
      }
      headers.set("Via", via(joined(incoming, "Via")));
      headers.set("X-Request-ID", exchange.requestId());
    }

    private static String joined(HttpServerRequest request, String name) {
      return String.join(", ", request.headers().getAll(name));
    }

    private void answered(HttpClientResponse response) {
      if (done) {
        return;
      }
      answering = true;
      if (!failing.isEmpty() && failing.remove(target.authority())) {
        LOG.info("{} answers again", target.authority());
      }
      answer.setStatusCode(response.statusCode());
      if (incoming.version() != HttpVersion.HTTP_2) {
        answer.setStatusMessage(response.statusMessage());
      }
      copy(response.headers(), answer.headers(), Set.of());
      answer.putHeader("Via", via(String.join(", ", response.headers().getAll("Via"))));
      if (bodiless(response)) {
        answer.end();
        return;
      }
      if (!answer.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
        delimit();
      }
      response.pipe().endOnFailure(false).to(answer).onFailure(this::failed);
    }

    /** Chunks end a body of unknown length; HTTP/1.0 knows only the end of the connection. */
    private void delimit() {
      answer.setChunked(true);
      if (incoming.version() == HttpVersion.HTTP_1_0) {
        answer.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        answer.endHandler(ended -> incoming.connection().close());
      }
    }

    private boolean bodiless(HttpClientResponse response) {
      int status = response.statusCode();
      return incoming.method().name().equals("HEAD") || status == 204 || status == 304;
    }

    private void failed(Throwable error) {
      if (done) {
        return;
      }
      done = true;
      release();
      if (answering || answer.headWritten()) {
        // Half an answer is out: only a broken connection tells the client so.
        LOG.debug("answer of {} broke off", target, error);
        incoming.connection().close();
        return;
      }
      if (failing.add(target.authority())) {
        LOG.warn("{} fails: {}", target.authority(), String.valueOf(error.getMessage()));
      }
      incoming.resume();
      Answers.problem(incoming, problem(error));
    }

    private static Problem problem(Throwable error) {
      boolean unreachable =
          error instanceof ConnectException || error instanceof UnknownHostException;
      if (error instanceof ConnectionPoolTooBusyException) {
        return Problem.of(503, "Too many requests wait for the service behind this gateway.");
      }
      if (isTimeout(error) && !unreachable) {
        return Problem.of(504, "The service behind this gateway did not answer in time.");
      }
      return Problem.of(
          502,
          unreachable
              ? "The service behind this gateway cannot be reached."
              : "The service behind this gateway did not answer properly.");
    }

    private static boolean isTimeout(Throwable error) {
      return error instanceof TimeoutException
          || String.valueOf(error.getMessage()).contains("timeout")
          || String.valueOf(error.getMessage()).contains("Idle timeout");
    }

    void clientLeft() {
      if (!done) {
        done = true;
        release();
      }
    }

    void ended() {
      if (!done) {
        done = true;
        exchange.full().connection().exchangeEnded();
      }
    }

    private void release() {
      exchange.full().connection().exchangeEnded();
      HttpClientRequest request = outgoing;
      if (request != null) {
        request.reset();
      }
    }

    private static String via(String before) {
      return before.isEmpty() ? VIA : before + ", " + VIA;
    }

    private static void copy(MultiMap from, MultiMap to, Set<String> except) {
      Set<String> nominated = nominated(from.getAll(HttpHeaders.CONNECTION));
      Set<String> copied = new HashSet<>();
      for (Map.Entry<String, String> field : from) {
        String name = field.getKey().toLowerCase(Locale.ROOT);
        if (HOP_BY_HOP.contains(name)
            || name.startsWith(":")
            || nominated.contains(name)
            || except.contains(name)) {
          continue;
        }
        if (copied.add(name)) {
          to.set(field.getKey(), field.getValue());
        } else {
          to.add(field.getKey(), field.getValue());
        }
      }
    }

    private static Set<String> nominated(List<String> connection) {
      Set<String> names = new HashSet<>();
      for (String field : connection) {
        for (String name : field.split(",", -1)) {
          names.add(name.strip().toLowerCase(Locale.ROOT));
        }
      }
      return names;
    }
  }
}
