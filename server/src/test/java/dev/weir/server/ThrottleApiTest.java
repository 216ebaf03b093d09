// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThrottleApiTest {

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static HttpResponse<String> throttle(String key, String more, String... headers) {
    String body =
        "{\"key\":\"%s\",\"max_burst\":3,\"count_per_period\":1,\"period\":1000%s}"
            .formatted(key, more);
    return server.post("/throttle", body, headers);
  }

  @Test
  void bucket_isTakenFromUntilItIsEmpty() {
    assertThat(throttle("a", "").body())
        .isEqualTo(
            "{\"allowed\":true,\"limit\":3,\"remaining\":2,\"reset_after\":1000,\"retry_after\":0}");
    assertThat(throttle("a", ",\"quantity\":2").body()).contains("\"allowed\":true");
    HttpResponse<String> denied = throttle("a", ",\"quantity\":null");
    assertThat(denied.statusCode()).isEqualTo(200);
    assertThat(denied.body())
        .isEqualTo(
            "{\"allowed\":false,\"limit\":3,\"remaining\":0,\"reset_after\":3000,"
                + "\"retry_after\":1000}");
    assertThat(throttle("a", ",\"quantity\":0").body()).contains("\"allowed\":true");
  }

  @Test
  void fullWay_answersAsTheShortOne() {
    // A parameter of the type is nothing for the short way.
    String[] full = {"Content-Type", "application/json; charset=utf-8"};
    assertThat(throttle("full", "", full).body())
        .isEqualTo(
            "{\"allowed\":true,\"limit\":3,\"remaining\":2,\"reset_after\":1000,\"retry_after\":0}");
    assertThat(throttle("full", "").body()).contains("\"remaining\":1");
  }

  @Test
  void quantityThatNeverFits_isDeniedWithoutARetry() {
    assertThat(throttle("never", ",\"quantity\":4").body())
        .contains("\"allowed\":false", "\"remaining\":3", "\"retry_after\":-1");
    assertThat(throttle("never", ",\"quantity\":5000000000").body()).contains("\"allowed\":false");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|incomplete",
        "[]|body: [ (expected: a JSON object)",
        "''|body: end of body (expected: a JSON object)",
        "{\"key\":7}|a string",
        "{\"key\":\"k\",\"key\":\"k\"}|once",
        "{\"what\":1}|max_burst",
        "{\"key\":\"k\",\"max_burst\":0}|1..9007199254740991",
        "{\"key\":\"k\",\"max_burst\":1.5}|1..9007199254740991",
        "{\"key\":\"k\",\"max_burst\":1,\"count_per_period\":1,\"period\":9007199254740991}|period",
        "{\"key\":\"k\",\"max_burst\":1,\"count_per_period\":1,\"period\":1,\"quantity\":-1}|quantity",
      })
  void mistakes_areAnswered400(String body, String told) {
    HttpResponse<String> answer = server.post("/throttle", body);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("\"error\":", told);
  }

  @Test
  void otherMethods_areNotAllowed() {
    HttpResponse<String> answer = server.get("/throttle");
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("allow")).hasValue("POST");
  }

  @Test
  void token_needsTheScopeOverride() {
    String token = "0123456789abcdef";
    try (TestServer guarded =
        TestServer.start(
            TestConfiguration.of(
                """
                version: 1
                listeners:
                  - port: 0
                    serves: [throttle]
                    tokens:
                      - { sha256: %s, scopes: [override] }
                      - { sha256: %s, scopes: [check] }
                policies: none
                """
                    .formatted(Sha256.of(token), Sha256.of("other"))))) {
      String body = "{\"key\":\"k\",\"max_burst\":3,\"count_per_period\":1,\"period\":1000}";
      assertThat(guarded.post("/throttle", body).statusCode()).isEqualTo(401);
      assertThat(guarded.post("/throttle", body, "Authorization", "Bearer other").statusCode())
          .isEqualTo(403);
      assertThat(guarded.post("/throttle", body, "Authorization", "Bearer " + token).statusCode())
          .isEqualTo(200);
    }
  }
}
