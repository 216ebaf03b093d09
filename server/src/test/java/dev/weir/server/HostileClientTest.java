// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that mean harm or know no better; after each, others are served as before. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class HostileClientTest {

  private static final String CHECK =
      "{\"domain\":\"api\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\"u\"}]}]}";

  private static TestServer server;

  @BeforeAll
  static void start() {
    HttpLimits limits = TestConfiguration.impatient(Duration.ofMillis(2_500));
    server = TestServer.start(Configuration.defaults().limits(limits));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void othersAreServed() {
    assertThat(server.get("/health").statusCode()).isEqualTo(200);
  }

  private static RawClient client() throws IOException {
    return new RawClient(server.port());
  }

  @Test
  void headThatDripsIn_isCutWith408() throws IOException {
    try (RawClient drip = client()) {
      drip.send("GET /health HTTP/1.1\r\nHost: x\r\n");
      drip.stopWaitingAfter(150);
      boolean closed = false;
      for (int i = 0; i < 40 && !closed; i++) {
        try {
          drip.send("X-" + i + ": y\r\n");
          closed = drip.isClosedByServer() || i > 30;
        } catch (IOException e) {
          closed = true;
        }
      }
      assertThat(closed).isTrue();
    }
  }

  @Test
  void halfAHead_isAnswered408() throws IOException {
    try (RawClient slow = client()) {
      slow.send("GET /health HTTP/1.1\r\nHost:");
      assertThat(slow.readAll()).startsWith("HTTP/1.1 408 ");
    }
  }

  @Test
  void connectionThatSaysNothing_isClosed() throws IOException {
    try (RawClient silent = client()) {
      assertThat(silent.readAll()).isEmpty();
    }
  }

  @Test
  void idleConnectionAfterARequest_isClosed() throws IOException {
    try (RawClient idle = client()) {
      idle.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(idle.readAnswer()).startsWith("HTTP/1.1 200 ");
      assertThat(idle.readAll()).isEmpty();
    }
  }

  @Test
  void bodyThatDripsIn_isAnswered408() throws IOException {
    try (RawClient drip = client()) {
      drip.send("POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n{\"domain\":");
      assertThat(drip.readAll())
          .startsWith("HTTP/1.1 408 ")
          .contains("Connection: close".toLowerCase(java.util.Locale.ROOT));
    }
  }

  @Test
  void headersBeyondTheBound_areAnswered431() throws IOException {
    try (RawClient large = client()) {
      large.send("GET /health HTTP/1.1\r\nHost: x\r\nX-Large: " + "a".repeat(70_000) + "\r\n\r\n");
      assertThat(large.readAnswer()).startsWith("HTTP/1.1 431 ");
    }
  }

  @Test
  void headersBelowTheBound_areFine() throws IOException {
    try (RawClient large = client()) {
      large.send("GET /health HTTP/1.1\r\nHost: x\r\nX-Large: " + "a".repeat(60_000) + "\r\n\r\n");
      assertThat(large.readAnswer()).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void requestLineBeyondTheBound_isAnswered414() throws IOException {
    try (RawClient large = client()) {
      large.send("GET /" + "a".repeat(5_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(large.readAnswer()).matches("(?s)HTTP/1.[01] 414 .*");
    }
  }

  @Test
  void announcedBodyBeyondTheBound_isAnswered413AtOnce() throws IOException {
    try (RawClient large = client()) {
      large.send("POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n{");
      assertThat(large.readAnswer())
          .startsWith("HTTP/1.1 413 ")
          .contains("application/problem+json", "at most 100000 bytes");
    }
  }

  @Test
  void chunkedBodyBeyondTheBound_isAnswered413() throws IOException {
    try (RawClient large = client()) {
      large.send("POST /v1/check HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      try {
        for (int i = 0; i < 40; i++) {
          large.send("2000\r\n" + "a".repeat(0x2000) + "\r\n");
        }
      } catch (IOException cut) {
        // The server may have closed by now; its answer is still to be read.
        assertThat(cut).isNotNull();
      }
      assertThat(large.readAnswer()).startsWith("HTTP/1.1 413 ");
    }
  }

  @Test
  void whatIsNotHttp_isAnswered400() throws IOException {
    for (String text :
        List.of("BLAH\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u0016\u0003\u0001\u0002\r\n\r\n")) {
      try (RawClient odd = client()) {
        odd.send(text);
        assertThat(odd.readAll()).as(text).matches("(?s)|HTTP/1.[01] (400|408|505) .*");
      }
    }
  }

  @Test
  void contradictingLengths_areNotSmuggled() throws IOException {
    try (RawClient odd = client()) {
      odd.send(
          "POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"
              + "{}   GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
      String answers = odd.readAll();
      assertThat(answers).startsWith("HTTP/1.1 400 ");
      assertThat(answers.indexOf("HTTP/1.1", 10)).isNegative();
    }
  }

  @Test
  void bodyWithoutEnd_halfClosed_isGivenUp() throws IOException {
    try (RawClient half = client()) {
      half.send("POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n{\"do");
      half.half();
      half.readAll();
    }
  }

  @Test
  void halfCloseAfterARequest_isStillAnswered() throws IOException {
    try (RawClient half = client()) {
      half.send("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      half.half();
      assertThat(half.readAll()).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void tenThousandPipelinedRequests_areAllAnswered() throws Exception {
    String one =
        "POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Length: "
            + CHECK.length()
            + "\r\n\r\n"
            + CHECK;
    try (RawClient pipeline = client()) {
      Thread writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 100; i++) {
                        pipeline.send(one.repeat(100));
                      }
                    } catch (IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  });
      for (int i = 0; i < 10_000; i++) {
        assertThat(pipeline.readAnswer()).startsWith("HTTP/1.1 200 ");
      }
      writer.join();
    }
  }

  @Test
  void readerThatStopsReading_isCutAndItsAnswersDoNotPileUp() throws Exception {
    String one =
        "POST /v1/check?verbose HTTP/1.1\r\nHost: x\r\nContent-Length: "
            + CHECK.length()
            + "\r\n\r\n"
            + CHECK;
    String many = one.repeat(200);
    try (RawClient deaf = client()) {
      boolean cut = false;
      for (int i = 0; i < 5_000 && !cut; i++) {
        try {
          deaf.send(many);
        } catch (IOException e) {
          cut = true;
        }
      }
      assertThat(cut).isTrue();
    }
  }

  @Test
  void connectionsBeyondTheBoundOfOneAddress_areClosed() throws IOException {
    List<RawClient> open = new ArrayList<>();
    try {
      int refused = 0;
      for (int i = 0; i < 160; i++) {
        RawClient client = client();
        open.add(client);
        client.stopWaitingAfter(2_000);
        try {
          client.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
          refused += client.readAnswer().isEmpty() ? 1 : 0;
        } catch (IOException e) {
          refused++;
        }
      }
      assertThat(refused).isPositive();
    } finally {
      for (RawClient client : open) {
        client.close();
      }
    }
    // What was closed may be opened again, once the server has seen it.
    for (int i = 0; i < 100; i++) {
      try (RawClient again = client()) {
        again.send("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        if (again.readAll().startsWith("HTTP/1.1 200 ")) {
          return;
        }
      }
    }
    assertThat(true).as("a connection was admitted again").isFalse();
  }

  @Test
  void expectContinue_isAnswered() throws IOException {
    try (RawClient polite = client()) {
      polite.send(
          "POST /v1/check HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: "
              + CHECK.length()
              + "\r\n\r\n");
      assertThat(polite.readAnswer()).startsWith("HTTP/1.1 100 ");
      polite.send(CHECK);
      assertThat(polite.readAnswer()).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void hundredDrippingClients_doNotKeepOthersWaiting() throws IOException {
    List<RawClient> drips = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        RawClient drip = client();
        drips.add(drip);
        drip.send(
            i % 2 == 0
                ? "GET /health HTTP/1.1\r\nHo"
                : "POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n{");
      }
      for (int i = 0; i < 200; i++) {
        assertThat(server.post("/v1/check", CHECK.replace("\"u\"", "\"other\"")).statusCode())
            .isEqualTo(200);
      }
      for (RawClient drip : drips) {
        assertThat(drip.readAll()).startsWith("HTTP/1.1 408 ");
      }
    } finally {
      for (RawClient drip : drips) {
        drip.close();
      }
    }
  }

  @Test
  void pipelineBehindARequestThatWaits_isHeldInTheNetwork() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    AtomicLong sent = new AtomicLong();
    try (RawUpstream upstream = new RawUpstream((head, socket) -> never.await());
        TestServer gateway =
            TestServer.start(
                TestConfiguration.of(
                    """
                    version: 1
                    server: { drain: 200ms }
                    listeners: [{ name: public, port: 0, serves: [routes, health] }]
                    policies: none
                    routes: [{ path: /slow, upstream: "http://127.0.0.1:%d" }]
                    """
                        .formatted(upstream.port())));
        RawClient pipeline = new RawClient(gateway.port())) {
      String many = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1_000);
      Thread writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      while (true) {
                        pipeline.send(many);
                        sent.addAndGet(many.length());
                      }
                    } catch (IOException closed) {
                      never.countDown();
                    }
                  });
      upstream.heads.take();
      long before = -1;
      while (before != sent.get()) {
        before = sent.get();
        assertThat(gateway.get("/health").statusCode()).isEqualTo(200);
        Thread.sleep(200);
      }
      // What the buffers of both sides hold, and no more.
      assertThat(sent.get()).isLessThan(20_000_000);
      assertThat(upstream.heads).isEmpty();
      never.countDown();
      pipeline.close();
      writer.join();
    }
  }
}
