// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DecisionApiTest {

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String check(String user, long cost) {
    return "{\"domain\":\"api\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\""
        + user
        + "\"}],\"cost\":"
        + cost
        + "}]}";
  }

  @Test
  void check_withinLimit_tellsLimitAndRemaining() {
    HttpResponse<String> answer = server.post("/v1/check", check("within", 3));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(answer.body())
        .startsWith(
            "{\"allowed\":true,\"reason\":\"within_limit\",\"policy\":\"per-user\","
                + "\"limit\":\"per-minute\",\"remaining\":97,\"resetAfterMillis\":")
        .contains("\"receipts\":[\"");
  }

  @Test
  void check_overLimit_tellsRetryAfter() {
    assertThat(server.post("/v1/check", check("over", 100)).body()).contains("\"allowed\":true");
    assertThat(server.post("/v1/check", check("over", 50)).body())
        .contains("\"allowed\":false", "\"reason\":\"over_limit\"", "\"retryAfterMillis\":")
        .contains("\"receipts\":[]");
  }

  @Test
  void check_unknownField_namesItAndItsPlace() {
    HttpResponse<String> answer = server.post("/v1/check", "{\"domain\":\"api\",\"costs\":1}");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(answer.body())
        .contains("\"name\":\"costs\"", "\"value\":\"unknown field\"")
        .contains("\"expected\":\"domain, descriptors, states\"");
  }

  @Test
  void refund_ofReceipt_givesBackOnce() {
    String first = server.post("/v1/check", check("refunded", 10)).body();
    String receipt = first.replaceAll(".*\"receipts\":\\[(\"[^\"]+\")].*", "$1");
    HttpResponse<String> refund = server.post("/v1/refund", "{\"receipts\":[" + receipt + "]}");
    assertThat(refund.body()).isEqualTo("{\"refunded\":10}");
    assertThat(server.post("/v1/peek", check("refunded", 1)).body()).contains("\"remaining\":100");
  }

  private static TestServer limited() {
    return TestServer.start(
        TestConfiguration.of(
            """
            version: 1
            listeners: [{ name: api, host: 127.0.0.1, port: 0, serves: [api] }]
            policies:
              - name: jobs
                domain: jobs
                key: queue
                limits: [{ name: running, algorithm: concurrency, limit: 2, expiry: 1m }]
              - name: tokens
                domain: tokens
                key: user
                limits:
                  - { name: daily, algorithm: fixed-window, limit: 100, window: 1d }
                  - { name: watched, algorithm: fixed-window, limit: 10, window: 1d, shadow: true }
            """));
  }

  private static String job(String more) {
    return "{\"domain\":\"jobs\",\"descriptors\":[{\"entries\":[{\"key\":\"queue\",\"value\":\"q\"}]}]"
        + more
        + "}";
  }

  private static String tokens(long cost) {
    return "{\"domain\":\"tokens\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\"u\"}],"
        + "\"cost\":"
        + cost
        + "}]}";
  }

  @Test
  void rule17_holds_areGivenUpAndRenewedByTheirId() {
    try (TestServer jobs = limited()) {
      assertThat(jobs.post("/v1/hold", job(",\"id\":\"a\"")).body())
          .startsWith("{\"id\":\"a\",\"decision\":{\"allowed\":true")
          .contains("\"remaining\":1");
      String made = jobs.post("/v1/hold", job("")).body();
      assertThat(made).contains("\"allowed\":true", "\"remaining\":0");
      assertThat(made.replaceAll("\\{\"id\":\"([^\"]+)\".*", "$1")).hasSizeGreaterThan(20);
      assertThat(jobs.post("/v1/hold", job(",\"id\":\"c\"")).body())
          .contains("\"allowed\":false", "\"reason\":\"over_limit\"", "\"retryAfterMillis\":");
      assertThat(jobs.post("/v1/hold?denial=429", job(",\"id\":\"c\"")).statusCode())
          .isEqualTo(429);
      assertThat(jobs.post("/v1/renew", job(",\"id\":\"a\",\"ttlMillis\":50000")).body())
          .contains("\"allowed\":true");
      assertThat(jobs.post("/v1/renew", job(",\"id\":\"nobody\"")).body())
          .contains("\"allowed\":false");
      assertThat(jobs.post("/v1/release", job(",\"id\":\"a\"")).body())
          .isEqualTo("{\"released\":1}");
      assertThat(jobs.post("/v1/release", job(",\"id\":\"a\"")).body())
          .isEqualTo("{\"released\":0}");
      assertThat(jobs.post("/v1/hold", job(",\"id\":\"c\"")).body()).contains("\"allowed\":true");
      assertThat(jobs.post("/v1/release", job("")).body()).contains("\"name\":\"id\"");
    }
  }

  @Test
  void rule12_record_goesIntoDebt_andPeekTakesNothing() {
    try (TestServer server = limited()) {
      assertThat(server.post("/v1/record", tokens(150)).body())
          .contains("\"allowed\":true", "\"remaining\":0");
      assertThat(server.post("/v1/peek", tokens(1)).body()).contains("\"allowed\":false");
      assertThat(server.post("/v1/peek", tokens(0)).body()).contains("\"allowed\":false");
    }
  }

  @Test
  void rule11_shadowLimit_isReportedAndDeniesNobody() {
    try (TestServer server = limited()) {
      String answer = server.post("/v1/check?verbose", tokens(20)).body();
      assertThat(answer)
          .contains(
              "\"allowed\":true,\"reason\":\"within_limit\",\"policy\":\"tokens\",\"limit\":\"daily\"")
          .contains(
              "\"limit\":\"watched\",\"mode\":\"shadow\",\"allowed\":false,\"outcome\":\"too_big\"");
    }
  }

  @Test
  void batch_eachCheckHasItsOwnAnswer() {
    try (TestServer server = limited()) {
      String body =
          server
              .post(
                  "/v1/checks",
                  "{\"checks\":[" + tokens(90) + "," + tokens(20) + "," + tokens(10) + "]}")
              .body();
      assertThat(body)
          .containsSubsequence("\"allowed\":true", "\"allowed\":false", "\"allowed\":true");
      assertThat(
              server
                  .post("/v1/checks", "{\"checks\":[" + tokens(1) + "," + tokens(-1) + "]}")
                  .body())
          .contains("\"name\":\"checks[1].descriptors[0].cost\"");
      // What was mistaken charged nothing.
      assertThat(server.post("/v1/peek", tokens(0)).body()).contains("\"remaining\":0");
    }
  }

  @Test
  void query_strangeParameters_areRefused() {
    for (String query :
        new String[] {
          "user=x",
          "domain=api&cost=x",
          "domain=api&cost=-1",
          "domain=api&cost=1.5",
          "domain=api&domain=b",
          "domain=api&verbose=maybe",
          "domain=api&denial=500",
          "domain=api&=x",
          "domain=api&user=%ff",
        }) {
      HttpResponse<String> answer = server.get("/v1/check?" + query);
      assertThat(answer.statusCode()).as(query).isEqualTo(400);
      assertThat(answer.body()).as(query).contains("\"expected\":");
    }
    assertThat(server.post("/v1/check?verbos", check("x", 1)).statusCode()).isEqualTo(400);
    assertThat(server.post("/v1/check?verbose", "").statusCode()).isEqualTo(400);
  }
}
