// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.weir.server.wire.SecurityLog;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Which addresses a listener serves. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class AccessListTest {

  private static final String FORWARDED = "X-Forwarded-For";

  private static TestServer start(String lists) {
    return TestServer.start(
        TestConfiguration.of(
            """
            version: 1
            listeners:
              - { name: public, port: 0, serves: [routes, api, health, metrics], %s }
            policies: none
            routes:
              - { path: /who, identity: [address], respond: { json: { who: "{identity}" } } }
            """
                .formatted(lists)));
  }

  private static int status(TestServer server, String forwarded) {
    return server.get("/who", FORWARDED, forwarded).statusCode();
  }

  @Test
  void clientBehindATrustedProxy_isJudgedByItsOwnAddress() {
    try (TestServer server =
        start(
            "trusted-proxies: [127.0.0.1], allow: [10.0.0.0/8, '2001:db8::/32'],"
                + " deny: [10.1.0.0/16]")) {
      assertThat(status(server, "10.2.3.4")).isEqualTo(200);
      assertThat(status(server, "2001:db8::1")).isEqualTo(200);
      assertThat(status(server, "::ffff:10.2.3.4")).isEqualTo(200);
      HttpResponse<String> denied = server.get("/who", FORWARDED, "10.1.2.3");
      assertThat(denied.statusCode()).isEqualTo(403);
      assertThat(denied.headers().firstValue("Content-Type")).hasValue("application/problem+json");
      assertThat(denied.body()).contains("\"status\":403", "not allowed");
      assertThat(status(server, "11.0.0.1")).isEqualTo(403);
      // What stands left of the proxy's word was written by the client.
      assertThat(status(server, "10.2.3.4, 11.0.0.1")).isEqualTo(403);
      // Whatever the listener serves.
      assertThat(server.get("/health", FORWARDED, "11.0.0.1").statusCode()).isEqualTo(403);
      assertThat(server.get("/no/such/path", FORWARDED, "11.0.0.1").statusCode()).isEqualTo(403);
      assertThat(server.post("/v1/check", "{}", FORWARDED, "11.0.0.1").statusCode()).isEqualTo(403);
      assertThat(server.get("/metrics", FORWARDED, "10.0.0.1").body())
          .contains("weir_security_events_total{type=\"ip_not_allowed\"} 6");
    }
  }

  @Test
  void http2Requests_areJudgedOneByOne() throws Exception {
    try (TestServer server = start("trusted-proxies: [127.0.0.1], deny: [10.1.0.0/16]");
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
      for (int i = 0; i < 4; i++) {
        String address = i % 2 == 0 ? "10.2.0.1" : "10.1.0.1";
        HttpResponse<String> answer =
            client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/who"))
                    .header(FORWARDED, address)
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(answer.statusCode()).isEqualTo(i % 2 == 0 ? 200 : 403);
      }
    }
  }

  @Test
  void peerThatIsNoTrustedProxy_isClosedWhereItIsAccepted() throws IOException {
    try (TestServer server = start("deny: [127.0.0.0/8]");
        RawClient client = new RawClient(server.port())) {
      assertThat(client.readAll()).isEmpty();
    }
    // What it claims to be does not matter.
    try (TestServer server = start("allow: [10.0.0.0/8]");
        RawClient client = new RawClient(server.port())) {
      client.send("GET /who HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n");
      assertThat(client.readAll()).isEmpty();
    }
    try (TestServer server = start("allow: [127.0.0.1]")) {
      assertThat(server.get("/who").body()).isEqualTo("{\"who\":\"127.0.0.1\"}");
    }
  }

  @Test
  void sameAddress_isToldOnce() {
    Logger logger = (Logger) LoggerFactory.getLogger(SecurityLog.LOGGER);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try (TestServer server = start("trusted-proxies: [127.0.0.1], deny: [10.1.0.0/16]")) {
      // Within a minute, or in two if one ends just now.
      for (int i = 0; i < 20; i++) {
        assertThat(status(server, "10.1.0.1")).isEqualTo(403);
      }
      assertThat(lines.list).hasSizeBetween(1, 2);
      assertThat(lines.list.getFirst().getMessage()).isEqualTo("security_alert");
      assertThat(lines.list.getFirst().getKeyValuePairs())
          .extracting(Object::toString)
          .containsExactly(
              "type=\"ip_not_allowed\"", "address=\"10.1.0.1\"", "listener=\"public\"");
    } finally {
      logger.detachAppender(lines);
    }
  }

  @Test
  void lists_thatAreWrong_areTold() {
    assertThat(
            TestConfiguration.problems(
                """
                version: 1
                listeners:
                  - { port: 0, serves: [api], allow: [], deny: [10.1.0.0/8, here] }
                policies: none
                """))
        .contains(
            "listeners[0].allow: no network (expected: at least one, or no list)",
            "listeners[0].deny[0]: \"10.1.0.0/8\" (expected: no bits beyond the length: 10.0.0.0/8)",
            "listeners[0].deny[1]: \"here\" (expected: an address and a length");
  }
}
