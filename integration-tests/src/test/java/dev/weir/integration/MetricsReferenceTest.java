// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static dev.weir.integration.GeneratedPage.cell;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.redis.fixtures.TestCertificates;
import dev.weir.server.Configuration;
import dev.weir.server.ServeOptions;
import dev.weir.server.WeirServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page about metrics names what running servers tell, and nothing else. */
final class MetricsReferenceTest {

  private static final Pattern HELP = Pattern.compile("(?m)^# HELP (weir_\\w+) (.+)$");
  private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\w+) (\\w+)$");
  private static final Pattern SAMPLE = Pattern.compile("(?m)^(weir_\\w+?)(?:\\{(.*)})? \\S+$");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");
  private static final Pattern PART_OF_HISTOGRAM = Pattern.compile("_(bucket|sum|count)$");

  /** A metric as servers tell it. */
  private static final class Told {
    private final Set<String> labels = new LinkedHashSet<>();
    private String type = "";
    private String about = "";
  }

  @Test
  void page_isWhatServersTell(@TempDir Path folder) throws Exception {
    Map<String, Told> metrics = new TreeMap<>();
    ServeOptions options = ServeOptions.NONE.host("127.0.0.1").port(0).adminPort(0).respPort(0);
    read(scrape(Configuration.of(options, Map.of())), metrics);
    try (RedisProcess redis = RedisProcess.start()) {
      read(scrape(Configuration.of(options.redis(redis.url()), Map.of())), metrics);
    }
    read(scrape(secured(folder)), metrics);
    StringBuilder page =
        new StringBuilder(
            """
            # Reference: metrics

            Every metric of Weir that a server tells at `/metrics`, written from running servers by
            `./weir docs`: one in memory, one with a Redis, one with TLS. [Metrics](../metrics.md) says what to make of them.

            | metric | type | labels | meaning |
            |---|---|---|---|
            """);
    metrics.forEach(
        (name, told) -> {
          assertThat(told.about).as(name).isNotBlank();
          page.append("| `").append(name).append("` | ").append(told.type).append(" | ");
          page.append(told.labels.isEmpty() ? "" : "`" + String.join("`, `", told.labels) + "`");
          page.append(" | ").append(cell(told.about)).append(" |\n");
        });
    GeneratedPage.isCurrent("docs/reference/metrics.md", page.toString());
  }

  private static Configuration secured(Path folder) throws IOException {
    TestCertificates.in(folder);
    Path file = folder.resolve("weir.yaml");
    Files.writeString(
        file,
        """
        version: 1
        listeners:
          - { name: default, host: 127.0.0.1, port: 0, serves: [metrics] }
          - name: secured
            host: 127.0.0.1
            port: 0
            serves: [health]
            tls: { certificate: server.pem, private-key: server-key.pem }
        policies: none
        """,
        UTF_8);
    return Configuration.read(file, Map.of());
  }

  private static String scrape(Configuration configuration)
      throws IOException, InterruptedException {
    try (WeirServer server = WeirServer.start(configuration);
        HttpClient client = HttpClient.newHttpClient()) {
      int port = server.ports().get("default");
      for (int i = 0; i < 12; i++) {
        ask(client, port, "/hello");
      }
      return ask(client, port, "/metrics");
    }
  }

  private static String ask(HttpClient client, int port, String path)
      throws IOException, InterruptedException {
    URI address = URI.create("http://127.0.0.1:" + port + path);
    return client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString()).body();
  }

  private static void read(String page, Map<String, Told> metrics) {
    Map<String, String> types = new TreeMap<>();
    TYPE.matcher(page).results().forEach(type -> types.put(type.group(1), type.group(2)));
    for (MatchResult sample : SAMPLE.matcher(page).results().toList()) {
      String name = sample.group(1);
      String family =
          types.containsKey(name) ? name : PART_OF_HISTOGRAM.matcher(name).replaceFirst("");
      Told told = metrics.computeIfAbsent(family, any -> new Told());
      told.type = types.getOrDefault(family, "");
      String labels = sample.group(2) == null ? "" : sample.group(2);
      for (MatchResult label : LABEL.matcher(labels).results().toList()) {
        if (!label.group(1).equals("le")) {
          told.labels.add(label.group(1));
        }
      }
    }
    for (MatchResult help : HELP.matcher(page).results().toList()) {
      if (metrics.containsKey(help.group(1))) {
        metrics.get(help.group(1)).about = help.group(2);
      }
    }
  }
}
