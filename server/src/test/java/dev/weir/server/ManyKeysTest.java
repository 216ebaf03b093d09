// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One client that makes up keys: the bound of the store holds, and who was there is served on. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class ManyKeysTest {

  private static final int BATCH = 1_000;

  private static String batch(int from) {
    StringBuilder body = new StringBuilder("{\"checks\":[");
    for (int i = from; i < from + BATCH; i++) {
      body.append(i == from ? "" : ",");
      body.append("{\"domain\":\"d\",\"descriptors\":[{\"entries\":[{\"key\":\"who\",\"value\":\"")
          .append(i)
          .append("\"}]}]}");
    }
    return body.append("]}").toString();
  }

  @Test
  void millionKeysOfOneClient_stayWithinTheBound() {
    try (TestServer server =
        TestServer.start(
            TestConfiguration.of(
                """
                version: 1
                store: { memory: { max-keys: 20000 } }
                listeners: [{ name: api, host: 127.0.0.1, port: 0, serves: [api, health] }]
                policies:
                  - name: each
                    domain: d
                    key: who
                    limits:
                      - name: closed
                        algorithm: token-bucket
                        capacity: 10
                        period: 1d
                        on-failure: closed
                """))) {
      String known = "/v1/check?domain=d&who=known";
      assertThat(server.get(known).body()).contains("\"remaining\":9");
      String last = "";
      for (int from = 0; from < 1_000_000; from += BATCH) {
        last = server.post("/v1/checks", batch(from)).body();
      }
      assertThat(last).contains("\"reason\":\"failure_closed\"").doesNotContain("within_limit");
      assertThat(server.server().storedKeys()).isLessThanOrEqualTo(20_000);
      assertThat(server.get(known).body()).contains("\"remaining\":8");
      assertThat(server.get("/v1/check?domain=d&who=new&denial=429").statusCode()).isEqualTo(503);
      assertThat(server.get("/health").statusCode()).isEqualTo(200);
    }
  }
}
