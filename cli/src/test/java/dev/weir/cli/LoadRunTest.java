// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.TimeSource;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The load generator against a server whose delays are known. The time is real, and so the bounds
 * are wide.
 */
final class LoadRunTest {

  /* What a stall of this machine may add. */
  private static final long MOST_MICROS = 10_000_000;

  private static Vertx vertx;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  /** Answers at once, except that from its 200th request on it stalls once for 500 ms. */
  private static final class Stalling implements Consumer<HttpServerRequest> {
    private final AtomicInteger requests = new AtomicInteger();
    private volatile boolean stalled;

    @Override
    public void accept(HttpServerRequest request) {
      if (requests.incrementAndGet() == 200) {
        stalled = true;
        vertx.setTimer(500, timer -> stalled = false);
      }
      answer(request);
    }

    private void answer(HttpServerRequest request) {
      if (stalled) {
        vertx.setTimer(5, timer -> answer(request));
      } else {
        request.response().end("ok");
      }
    }
  }

  @Test
  void openLoop_serverStalls_stallIsInThePercentiles() throws Exception {
    LoadReport report =
        run(new Stalling(), 4, OptionalDouble.of(1_000), Duration.ofSeconds(2), Long.MAX_VALUE);

    // A quarter of the 2 000 requests fell due within the stall, spread evenly over it.
    // What a stall of this machine keeps from being sent in time is told, too.
    long sent = report.tally().sentCount();
    assertThat(sent).isBetween(1_000L, 2_000L);
    assertThat(report.tally().answeredCount()).isEqualTo(sent);
    assertThat(report.unsent()).isEqualTo(2_000 - sent);
    assertThat(report.tally().maxMicros()).isBetween(480_000L, MOST_MICROS);
    assertThat(report.tally().percentileMicros(95)).isBetween(350_000L, MOST_MICROS);
    assertThat(report.tally().percentileMicros(85)).isBetween(150_000L, MOST_MICROS);
  }

  @Test
  void closedLoop_serverStalls_onlyWhatWasInFlightIsLate() throws Exception {
    LoadReport report =
        run(new Stalling(), 4, OptionalDouble.empty(), Duration.ofMinutes(1), 2_000);

    assertThat(report.tally().answeredCount()).isEqualTo(2_000);
    assertThat(report.tally().maxMicros()).isBetween(480_000L, MOST_MICROS);
    assertThat(report.tally().percentileMicros(95)).isLessThan(200_000);
  }

  @Test
  void openLoop_tooFewConnections_countsWhatWasNotSent() throws Exception {
    LoadReport report =
        run(
            request -> vertx.setTimer(100, timer -> request.response().end()),
            1,
            OptionalDouble.of(100),
            Duration.ofMillis(500),
            Long.MAX_VALUE);

    assertThat(report.tally().sentCount()).isBetween(1L, 6L);
    assertThat(report.unsent()).isEqualTo(50 - report.tally().sentCount());
  }

  @Test
  void answers_ofEveryKind_areCounted() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    LoadReport report =
        run(
            request -> {
              int number = requests.getAndIncrement();
              switch (number % 5) {
                case 0 -> request.response().end("{\"allowed\":true}");
                case 1 -> request.response().end("{\"allowed\":false}");
                case 2 -> request.response().setStatusCode(429).end();
                case 3 -> request.response().setStatusCode(503).end();
                default -> request.response().setChunked(true).end("plain");
              }
            },
            1,
            OptionalDouble.empty(),
            Duration.ofMinutes(1),
            50);

    assertThat(report.tally().allowedCount()).isEqualTo(20);
    assertThat(report.tally().deniedCount()).isEqualTo(20);
    assertThat(report.tally().errors()).containsOnly(java.util.Map.entry("status 503", 10L));
  }

  @Test
  void answers_thatDoNotCome_areTimeouts() throws Exception {
    LoadReport report =
        run(
            request -> {},
            3,
            OptionalDouble.empty(),
            Duration.ofMinutes(1),
            6,
            Duration.ofMillis(800));

    assertThat(report.tally().errors()).containsOnly(java.util.Map.entry("timeout", 6L));
    assertThat(report.tally().answeredCount()).isZero();
    assertThat(report.tally().maxMicros()).isGreaterThanOrEqualTo(400_000);
  }

  @Test
  void connections_thatAreClosed_areErrorsAndOpenedAgain() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    LoadReport report =
        run(
            request -> {
              if (requests.getAndIncrement() % 2 == 0) {
                var unused = request.connection().close();
              } else {
                request.response().putHeader("Connection", "close").end();
              }
            },
            1,
            OptionalDouble.empty(),
            Duration.ofMinutes(1),
            10);

    assertThat(report.tally().sentCount()).isEqualTo(10);
    assertThat(report.tally().answeredCount()).isEqualTo(5);
    assertThat(report.tally().errorCount()).isEqualTo(5);
  }

  private static LoadReport run(
      Consumer<HttpServerRequest> handler,
      int concurrency,
      OptionalDouble rate,
      Duration duration,
      long requests)
      throws Exception {
    return run(handler, concurrency, rate, duration, requests, Duration.ofSeconds(20));
  }

  private static LoadReport run(
      Consumer<HttpServerRequest> handler,
      int concurrency,
      OptionalDouble rate,
      Duration duration,
      long requests,
      Duration timeout)
      throws Exception {
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(handler::accept)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
    try {
      Target target = Target.of("http://127.0.0.1:" + server.actualPort());
      LoadPlan plan =
          new LoadPlan(
              target,
              RequestTemplate.of("GET", target, List.of(), Optional.empty()),
              KeyPicker.of(1, OptionalDouble.empty(), 1),
              concurrency,
              rate,
              duration,
              requests,
              timeout);
      return new LoadRun(plan, TimeSource.system(), standing -> {})
          .run(new InetSocketAddress("127.0.0.1", server.actualPort()));
    } finally {
      server.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
  }
}
