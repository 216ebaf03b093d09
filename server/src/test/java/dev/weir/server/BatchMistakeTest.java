// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.TokenBucket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchMistakeTest {

  private static String check(String tokens) {
    return "{\"domain\":\"api\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\"a\"},"
        + "{\"key\":\"tokens\",\"value\":\""
        + tokens
        + "\"}]}]}";
  }

  @Test
  void checks_oneWithACostThatIsNone_chargesNothing() {
    Policy policy =
        Policy.named("costly")
            .domain("api")
            .key("user")
            .cost("tokens")
            .limit(Limit.of("daily", new TokenBucket(10, 1, Duration.ofDays(100))))
            .build();
    try (TestServer server =
        TestServer.start(Configuration.defaults().policies(PolicySet.of(List.of(policy))))) {
      String batch = "{\"checks\":[" + check("2") + "," + check("x") + "]}";
      assertThat(server.post("/v1/checks", batch).statusCode()).isEqualTo(400);
      assertThat(server.post("/v1/peek", check("1")).body()).contains("\"remaining\":10,");
    }
  }
}
