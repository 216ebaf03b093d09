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
}
