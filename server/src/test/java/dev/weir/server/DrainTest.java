// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 180, unit = TimeUnit.SECONDS)
class DrainTest {

  private static Configuration passing(int port, Duration drain) {
    return TestConfiguration.of(
            """
            version: 1
            listeners: [{ name: public, port: 0, serves: [routes] }]
            policies: none
            routes: [{ path: /**, upstream: "http://127.0.0.1:%d" }]
            """
                .formatted(port))
        .drain(drain);
  }

  @Test
  void close_answersWhatIsInFlight_andAcceptsNoMore() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (RawUpstream upstream =
        new RawUpstream(
            (head, socket) -> {
              go.await();
              socket
                  .getOutputStream()
                  .write(
                      "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate"
                          .getBytes(StandardCharsets.US_ASCII));
            })) {
      TestServer server = TestServer.start(passing(upstream.port(), Duration.ofSeconds(20)));
      int port = server.port();
      CompletableFuture<HttpResponse<String>> answer =
          CompletableFuture.supplyAsync(() -> server.get("/"));
      upstream.heads.take();
      CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);
      // The port is given up while the request is still in flight.
      while (accepts(port)) {
        Thread.sleep(20);
      }
      assertThat(closed).isNotDone();
      go.countDown();
      assertThat(answer.get().body()).isEqualTo("late");
      closed.get();
    }
  }

  @Test
  void close_withoutAnEndInSight_isBounded() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (RawUpstream upstream = new RawUpstream((head, socket) -> never.await())) {
      TestServer server = TestServer.start(passing(upstream.port(), Duration.ofMillis(500)));
      CompletableFuture<HttpResponse<String>> answer =
          CompletableFuture.supplyAsync(() -> server.get("/"));
      upstream.heads.take();
      CompletableFuture.runAsync(server::close).get(15, TimeUnit.SECONDS);
      assertThatThrownBy(answer::get).isNotNull();
      never.countDown();
    }
  }

  private static boolean accepts(int port) {
    try (RawClient client = new RawClient(port)) {
      return true;
    } catch (java.io.IOException refused) {
      return false;
    }
  }

  @Test
  void close_doesNotBeginWhatIsPipelined() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (RawUpstream upstream =
            new RawUpstream(
                (head, socket) -> {
                  go.await();
                  socket
                      .getOutputStream()
                      .write(
                          "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate"
                              .getBytes(StandardCharsets.US_ASCII));
                });
        TestServer server = TestServer.start(passing(upstream.port(), Duration.ofSeconds(20)));
        RawClient client = new RawClient(server.port())) {
      client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n".repeat(50));
      upstream.heads.take();
      CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);
      while (accepts(server.port())) {
        Thread.sleep(20);
      }
      go.countDown();
      String answers = client.readAll();
      assertThat(answers).startsWith("HTTP/1.1 200 ");
      assertThat(answers.split("HTTP/1.1 ", -1)).hasSizeLessThanOrEqualTo(3);
      closed.get();
    }
  }
}
