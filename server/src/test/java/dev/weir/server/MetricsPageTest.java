// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** Numbers and formats of the page that scrapers read. */
final class MetricsPageTest {

  @Test
  void requests_answeredEitherWay_countByListenerAndStatus() throws Exception {
    try (TestServer server = TestServer.start(Configuration.defaults())) {
      for (int i = 0; i < 12; i++) {
        var unused = server.get("/hello");
      }
      var unused = server.get("/nothing-here");

      assertThat(server.get("/metrics").body())
          .contains("weir_http_requests_total{listener=\"default\",status=\"2xx\"} 10")
          .contains("weir_http_requests_total{listener=\"default\",status=\"4xx\"} 3")
          .contains("outcome=\"allowed\",policy=\"hello\",reason=\"within_limit\"} 10")
          .contains("weir_decision_duration_seconds_count 12\n")
          .contains("weir_http_connections 1")
          .contains("jvm_memory_used_bytes")
          .contains("process_cpu_usage");
    }
  }

  @Test
  void scraper_askingForOpenMetrics_getsIt() throws Exception {
    try (TestServer server = TestServer.start(Configuration.defaults())) {
      HttpResponse<String> answer =
          server.get("/metrics", "Accept", "application/openmetrics-text;version=1.0.0,*/*;q=0.1");

      assertThat(answer.headers().firstValue("content-type").orElseThrow())
          .startsWith("application/openmetrics-text");
      assertThat(answer.body()).endsWith("# EOF\n");
    }
  }
}
