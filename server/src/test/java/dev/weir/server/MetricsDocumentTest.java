// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.RedisOptions;
import dev.weir.redis.fixtures.RedisProcess;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page about metrics names what a running server tells, and nothing else. */
final class MetricsDocumentTest {

  private static final Path PAGE =
      Path.of(System.getProperty("basedir", ".")).resolve("../docs/metrics.md");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(weir_\\w+)` \\| (\\w+) \\| ([^|]*)\\|");
  private static final Pattern LABEL = Pattern.compile("`(\\w+)`");
  private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+) (\\w+)$");
  private static final Pattern SAMPLE = Pattern.compile("(?m)^(weir_\\w+?)(?:\\{(.*)})? \\S+$");
  private static final Pattern TOLD_LABEL = Pattern.compile("(\\w+)=\"");
  private static final Pattern PART_OF_HISTOGRAM = Pattern.compile("_(bucket|sum|count)$");

  /** A metric's type and the labels of its samples. */
  private record Told(String type, Set<String> labels) {}

  private static Map<String, Told> documented() throws IOException {
    Map<String, Told> metrics = new TreeMap<>();
    for (MatchResult row : ROW.matcher(Files.readString(PAGE, UTF_8)).results().toList()) {
      metrics.put(row.group(1), new Told(row.group(2), labels(LABEL, row.group(3))));
    }
    return metrics;
  }

  private static Set<String> labels(Pattern pattern, String text) {
    Set<String> labels = new TreeSet<>();
    pattern.matcher(text).results().forEach(label -> labels.add(label.group(1)));
    return labels;
  }

  private static Map<String, Told> told(String page) {
    Map<String, String> types = new TreeMap<>();
    TYPE.matcher(page).results().forEach(type -> types.put(type.group(1), type.group(2)));
    Map<String, Told> metrics = new TreeMap<>();
    for (MatchResult sample : SAMPLE.matcher(page).results().toList()) {
      String name = sample.group(1);
      String family =
          types.containsKey(name) ? name : PART_OF_HISTOGRAM.matcher(name).replaceFirst("");
      Set<String> labels = labels(TOLD_LABEL, sample.group(2) == null ? "" : sample.group(2));
      labels.remove("le");
      metrics
          .computeIfAbsent(family, f -> new Told(types.getOrDefault(f, "none"), new TreeSet<>()))
          .labels
          .addAll(labels);
    }
    return metrics;
  }

  private static String scrape(Configuration configuration) throws Exception {
    try (TestServer server = TestServer.start(configuration)) {
      for (int i = 0; i < 12; i++) {
        var unused = server.get("/hello");
      }
      HttpResponse<String> answer = server.get("/metrics");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("content-type"))
          .hasValue("text/plain; version=0.0.4; charset=utf-8");
      return answer.body();
    }
  }

  @Test
  void page_beside2RunningServers_namesWhatTheyTell() throws Exception {
    Configuration all = Configuration.of(ServeOptions.NONE.respPort(0), Map.of());
    Map<String, Told> told = told(scrape(all));
    try (RedisProcess redis = RedisProcess.start()) {
      StoreSettings store = StoreSettings.redis(RedisOptions.of(redis.url()));
      told.putAll(told(scrape(all.store(store))));
    }

    assertThat(told).containsExactlyEntriesOf(documented());
  }

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
