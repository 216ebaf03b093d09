// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.Ports;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 180, unit = TimeUnit.SECONDS)
class ProxyTest {

  private static final String OK =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";

  private static TestServer gateway(int upstreamPort, String more) {
    return gateway(upstreamPort, more, "20s");
  }

  private static TestServer gateway(int upstreamPort, String more, String timeout) {
    return TestServer.start(
        TestConfiguration.of(
            """
            version: 1
            listeners:
              - { name: public, port: 0, serves: [routes], %s }
            policies:
              - name: all
                domain: test
                key: client
                limits: [{ name: few, algorithm: fixed-window, limit: 1000, window: 1d }]
            routes:
              - path: /**
                identity: [address]
                check: { domain: test, entries: { client: "{identity}" } }
                upstream: { url: "http://127.0.0.1:%d/base", timeout: %s, connect-timeout: 20s }
            """
                .formatted(
                    more.isEmpty() ? "limit-headers: x-delta" : more, upstreamPort, timeout)));
  }

  @Test
  void request_isPassedOnWithItsPathAndAnswered() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestServer gateway = gateway(upstream.port(), "")) {
      HttpResponse<String> answer = gateway.get("/a/b%20c?d=e&f=%2F");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("hello");
      assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain");
      assertThat(answer.headers().firstValue("X-RateLimit-Remaining")).contains("999");
      assertThat(answer.headers().firstValue("Via")).contains("1.1 weir");
      assertThat(upstream.heads.take()).startsWith("GET /base/a/b%20c?d=e&f=%2F HTTP/1.1\r\n");
    }
  }

  @Test
  void hopByHopFields_endHere() throws Exception {
    String answer =
        "HTTP/1.1 200 OK\r\nConnection: X-Secret\r\nX-Secret: 1\r\nKeep-Alive: timeout=5\r\n"
            + "Proxy-Authenticate: Basic\r\nX-Kept: yes\r\nContent-Length: 0\r\n\r\n";
    try (RawUpstream upstream = RawUpstream.answering(answer);
        TestServer gateway = gateway(upstream.port(), "");
        RawClient client = new RawClient(gateway.port())) {
      client.send(
          "GET / HTTP/1.1\r\nHost: public.example\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\n"
              + "TE: trailers\r\nProxy-Authorization: Basic x\r\nX-End: 2\r\n\r\n");
      String got = client.readAll().toLowerCase(Locale.ROOT);
      assertThat(got).contains("x-kept: yes").doesNotContain("x-secret", "keep-alive:");
      assertThat(got).doesNotContain("proxy-authenticate");
      String sent = upstream.heads.take().toLowerCase(Locale.ROOT);
      assertThat(sent)
          .contains("x-end: 2", "via: 1.1 weir", "x-forwarded-host: public.example")
          .contains("x-forwarded-proto: http", "x-forwarded-for: 127.0.0.1")
          .contains("host: 127.0.0.1:" + upstream.port(), "x-request-id: ")
          .doesNotContain("x-hop", "te: trailers", "proxy-authorization");
    }
  }

  @Test
  void forwardedFor_ofUntrustedPeer_isReplaced() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestServer gateway = gateway(upstream.port(), "")) {
      gateway.get("/", "X-Forwarded-For", "6.6.6.6");
      assertThat(upstream.heads.take().toLowerCase(Locale.ROOT))
          .contains("x-forwarded-for: 127.0.0.1\r\n");
    }
  }

  @Test
  void forwardedFor_ofTrustedPeer_isExtended() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestServer gateway = gateway(upstream.port(), "trusted-proxies: [127.0.0.0/8]")) {
      gateway.get("/", "X-Forwarded-For", "6.6.6.6");
      assertThat(upstream.heads.take().toLowerCase(Locale.ROOT))
          .contains("x-forwarded-for: 6.6.6.6, 127.0.0.1\r\n");
    }
  }

  @Test
  void refusedConnection_isAnswered502() throws Exception {
    try (TestServer gateway = gateway(Ports.free(), "")) {
      HttpResponse<String> answer = gateway.get("/");
      assertThat(answer.statusCode()).isEqualTo(502);
      assertThat(answer.body()).contains("cannot be reached");
    }
  }

  @Test
  void silentService_isAnswered504() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (RawUpstream upstream = new RawUpstream((head, socket) -> never.await());
        TestServer gateway = gateway(upstream.port(), "", "700ms")) {
      HttpResponse<String> answer = gateway.get("/");
      assertThat(answer.statusCode()).isEqualTo(504);
      assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
      never.countDown();
    }
  }

  @Test
  void answerThatIsNoHttp_isAnswered502() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering("what?\r\n\r\n");
        TestServer gateway = gateway(upstream.port(), "")) {
      assertThat(gateway.get("/").statusCode()).isEqualTo(502);
    }
  }

  @Test
  void answerThatBreaksOff_breaksTheClientsToo() throws Exception {
    try (RawUpstream upstream =
            new RawUpstream(
                (head, socket) -> {
                  socket
                      .getOutputStream()
                      .write(
                          "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".getBytes("UTF-8"));
                  socket.close();
                });
        TestServer gateway = gateway(upstream.port(), "");
        RawClient client = new RawClient(gateway.port())) {
      client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      String got = client.readAll();
      assertThat(got).doesNotContain("502", "problem");
    }
  }

  @Test
  void headAnd204And304_haveNoBody() throws Exception {
    for (String status : new String[] {"204 No Content", "304 Not Modified"}) {
      try (RawUpstream upstream =
              RawUpstream.answering("HTTP/1.1 " + status + "\r\nETag: \"a\"\r\n\r\n");
          TestServer gateway = gateway(upstream.port(), "");
          RawClient client = new RawClient(gateway.port())) {
        client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        String got = client.readAll();
        assertThat(got).startsWith("HTTP/1.1 " + status.substring(0, 3)).endsWith("\r\n\r\n");
        assertThat(got.toLowerCase(Locale.ROOT)).doesNotContain("transfer-encoding");
      }
    }
    try (RawUpstream upstream =
            RawUpstream.answering("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
        TestServer gateway = gateway(upstream.port(), "");
        RawClient client = new RawClient(gateway.port())) {
      client.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertThat(client.readAll().toLowerCase(Locale.ROOT))
          .contains("content-length: 500")
          .endsWith("\r\n\r\n");
    }
  }

  @Test
  void informationalAnswers_areNotTheAnswer() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.answering("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK);
        TestServer gateway = gateway(upstream.port(), "")) {
      HttpResponse<String> answer = gateway.get("/");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("hello");
    }
  }

  @Test
  void bodies_passBothWays() throws Exception {
    try (TestServer echo = TestServer.start(Configuration.defaults());
        TestServer gateway =
            TestServer.start(
                TestConfiguration.of(
                    """
                    version: 1
                    listeners: [{ name: public, port: 0, serves: [routes] }]
                    policies: none
                    routes: [{ path: /**, upstream: "http://127.0.0.1:%d" }]
                    """
                        .formatted(echo.port())))) {
      String check =
          "{\"domain\":\"api\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\"u\"}]}]}";
      assertThat(gateway.post("/v1/check", check).body()).contains("\"remaining\":99");
      assertThat(gateway.get("/hello").body()).contains("Hello from Weir.");
      assertThat(gateway.get("/nowhere").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void uploadThatTakesItsTime_isPassedOnWhole() throws Exception {
    try (RawUpstream upstream =
            new RawUpstream(
                (head, socket) -> {
                  byte[] body = socket.getInputStream().readNBytes(50);
                  String text = body.length + " bytes";
                  socket
                      .getOutputStream()
                      .write(
                          ("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n" + text)
                              .getBytes("UTF-8"));
                });
        TestServer gateway =
            TestServer.start(
                TestConfiguration.of(
                    """
                    version: 1
                    http: { header-deadline: 2s, body-deadline: 200ms, idle-timeout: 2s }
                    listeners: [{ name: public, port: 0, serves: [routes] }]
                    policies: none
                    routes: [{ path: /**, upstream: "http://127.0.0.1:%d" }]
                    """
                        .formatted(upstream.port())));
        RawClient client = new RawClient(gateway.port())) {
      client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n");
      // Each pause is longer than the body's deadline, one than any.
      for (int pause : new int[] {250, 250, 250, 250, 2_500}) {
        Thread.sleep(pause);
        client.send("0123456789");
      }
      assertThat(client.readAnswer()).startsWith("HTTP/1.1 200 ").endsWith("50 bytes");
    }
  }

  @Test
  void answerOfUnknownLength_toHttp10_endsWithTheConnection() throws Exception {
    String chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    try (RawUpstream upstream = RawUpstream.answering(chunked);
        TestServer gateway = gateway(upstream.port(), "");
        RawClient client = new RawClient(gateway.port())) {
      client.send("GET / HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n");
      assertThat(client.readAll()).endsWith("\r\n\r\nhello");
    }
    try (RawUpstream upstream = RawUpstream.answering(chunked);
        TestServer gateway = gateway(upstream.port(), "")) {
      assertThat(gateway.get("/").body()).isEqualTo("hello");
    }
  }

  @Test
  void clientThatLeaves_cancelsTheServicesWork() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    try (RawUpstream upstream =
            new RawUpstream(
                (head, socket) -> {
                  InputStream in = socket.getInputStream();
                  if (in.read() < 0) {
                    left.countDown();
                  }
                });
        TestServer gateway = gateway(upstream.port(), "")) {
      try (RawClient client = new RawClient(gateway.port())) {
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        upstream.heads.take();
      }
      assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void slowReader_holdsTheServiceBack() throws Exception {
    AtomicLong written = new AtomicLong();
    try (RawUpstream upstream =
            new RawUpstream(
                (head, socket) -> {
                  socket
                      .getOutputStream()
                      .write(
                          "HTTP/1.1 200 OK\r\nContent-Length: 400000000\r\n\r\n".getBytes("UTF-8"));
                  byte[] chunk = new byte[100_000];
                  for (int i = 0; i < 4_000; i++) {
                    socket.getOutputStream().write(chunk);
                    written.addAndGet(chunk.length);
                  }
                });
        TestServer gateway = gateway(upstream.port(), "");
        RawClient client = new RawClient(gateway.port())) {
      client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      upstream.heads.take();
      long before = -1;
      for (int i = 0; i < 50 && before != written.get(); i++) {
        before = written.get();
        Thread.sleep(100);
      }
      assertThat(written.get()).isLessThan(50_000_000);
    }
  }
}
