// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.redis.fixtures.Ports;
import dev.weir.redis.fixtures.RequiresProgram;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The files for Prometheus and Grafana, against running servers and a real Prometheus. */
@Timeout(value = 6, unit = TimeUnit.MINUTES)
final class MonitoringTest {

  private static final Path FOLDER = Machine.ROOT.resolve("deploy/monitoring");
  private static final Pattern COMMAND = Pattern.compile("(?m)^promtool .*$");

  /** What happens in nobody's good hour; an expression of these may find nothing. */
  private static final Pattern MISHAP = Pattern.compile("failure_\\.\\+|== 0");

  @TempDir private static Path folder;
  private static MonitoredServers servers;

  @BeforeAll
  static void start() throws Exception {
    servers = MonitoredServers.start(folder);
  }

  @AfterAll
  static void stop() {
    servers.close();
  }

  @Test
  @RequiresProgram("promtool")
  void commands_ofThePage_findNothingWrong() throws IOException {
    String page = Files.readString(Machine.ROOT.resolve("docs/monitoring.md"), UTF_8);
    String block = page.split("```sh\n", 2)[1].split("```", 2)[0];
    List<String> commands = COMMAND.matcher(block).results().map(found -> found.group()).toList();
    assertThat(commands).hasSize(3);
    for (String command : commands) {
      Machine.Outcome outcome = Machine.run(command.split(" "));
      assertThat(outcome.status()).as("%s: %s", command, outcome.output()).isZero();
      assertThat(outcome.output()).doesNotContain("FAILED");
    }
  }

  @Test
  void everyAlert_hasSeriesThatSetItOff_andIsOnThePage() throws IOException {
    String tests = Files.readString(FOLDER.resolve("tests/alerts.yml"), UTF_8);
    String page = Files.readString(Machine.ROOT.resolve("docs/monitoring.md"), UTF_8);
    Set<String> alerts = new TreeSet<>(MonitoringFiles.alerts());
    assertThat(alerts).hasSizeGreaterThan(10);
    for (String alert : alerts) {
      String[] looks = tests.split(Pattern.quote("expr: 'ALERTS{alertname=\"" + alert + "\""), -1);
      assertThat(looks).as("%s: looked at before and after", alert).hasSize(3);
      assertThat(looks[1]).as(alert).contains("exp_samples: []");
      assertThat(looks[2].split("  - name: ", 2)[0]).as(alert).contains("value: 1");
      assertThat(page).contains("`" + alert + "`");
    }
  }

  @Test
  void everyMetricAndLabel_thatTheFilesName_isToldByServers() throws IOException {
    Map<String, Set<String>> told = servers.told();
    // Prometheus makes these itself.
    told.put("up", new TreeSet<>(Set.of()));
    List<String> unknown = new ArrayList<>();
    int named = 0;
    for (MonitoringFiles.Named each : MonitoringFiles.everything()) {
      for (PromQuery.Selector selector : PromQuery.selectors(each.expression())) {
        named++;
        if (selector.metric().contains(":")) {
          if (!MonitoringFiles.recorded().contains(selector.metric())) {
            unknown.add(each + ": " + selector.metric() + " is not recorded");
          }
          continue;
        }
        Set<String> labels = told.get(selector.metric());
        if (labels == null) {
          unknown.add(each + ": no server tells " + selector.metric());
          continue;
        }
        for (String label : selector.labels()) {
          if (!labels.contains(label) && !Set.of("instance", "job").contains(label)) {
            unknown.add(each + ": " + selector.metric() + " has no label " + label);
          }
        }
      }
      Set<String> known = new TreeSet<>(Set.of("instance", "job"));
      PromQuery.selectors(each.expression())
          .forEach(selector -> known.addAll(told.getOrDefault(selector.metric(), Set.of())));
      for (String label : PromQuery.grouped(each.expression())) {
        if (!known.contains(label)) {
          unknown.add(each + ": grouped by " + label + ", which none of its metrics has");
        }
      }
      Set<String> kept = PromQuery.grouped(each.expression());
      for (String label : each.legend()) {
        if (!kept.contains(label) && !(kept.isEmpty() && known.contains(label))) {
          unknown.add(each + ": its legend names " + label);
        }
      }
    }
    assertThat(unknown).isEmpty();
    assertThat(named).isGreaterThan(80);
  }

  @Test
  @RequiresProgram("prometheus")
  void everyExpression_isAnsweredByARealPrometheus() throws Exception {
    Path copy = Files.createDirectory(folder.resolve("prometheus"));
    Files.createDirectories(copy.resolve("rules"));
    Files.createDirectories(copy.resolve("targets"));
    for (String file : List.of("rules/recording.yml", "rules/alerts.yml")) {
      Files.copy(FOLDER.resolve(file), copy.resolve(file));
    }
    String configuration = Files.readString(FOLDER.resolve("prometheus.yml"), UTF_8);
    // As it is, but every second; nobody answers to its name in DNS here.
    String quick = configuration.replace("interval: 15s", "interval: 1s");
    assertThat(quick).isNotEqualTo(configuration);
    Files.writeString(copy.resolve("prometheus.yml"), quick, UTF_8);
    List<String> targets = servers.ports().stream().map(each -> "127.0.0.1:" + each).toList();
    Files.writeString(copy.resolve("targets/all.yml"), "[{ targets: " + targets + " }]\n", UTF_8);
    int port = Ports.free();
    Process prometheus =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + copy.resolve("prometheus.yml"),
                "--storage.tsdb.path=" + copy.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port,
                "--log.level=warn")
            .redirectErrorStream(true)
            .redirectOutput(copy.resolve("log").toFile())
            .start();
    try {
      await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> query(port, "sum(up{job=\"weir\"})").contains("\"2\""));
      List<MonitoringFiles.Named> open = new ArrayList<>(MonitoringFiles.everything());
      List<String> wrong = new ArrayList<>();
      await()
          .atMost(Duration.ofSeconds(150))
          .untilAsserted(
              () -> {
                servers.traffic();
                wrong.clear();
                open.removeIf(each -> answered(port, each, wrong));
                assertThat(wrong).isEmpty();
                assertThat(open).isEmpty();
              });
      // Nothing is wrong with the servers, so no alert may be there but those of a rate of denials.
      assertThat(query(port, "ALERTS{alertstate=\"firing\"}")).contains("\"result\":[]");
    } finally {
      prometheus.destroy();
      if (!prometheus.waitFor(30, TimeUnit.SECONDS)) {
        prometheus.destroyForcibly();
      }
    }
  }

  /** Whether an expression was understood, and found something where it has to. */
  private static boolean answered(int port, MonitoringFiles.Named each, List<String> wrong) {
    String expression =
        each.expression().replace("$__rate_interval", "1m").replace("$instance", ".*");
    try {
      String answer = query(port, expression);
      if (!answer.contains("\"status\":\"success\"")) {
        wrong.add(each + ": " + answer);
      }
      boolean mayBeEmpty = each.alert() || MISHAP.matcher(expression).find();
      return mayBeEmpty || !answer.contains("\"result\":[]");
    } catch (IOException e) {
      wrong.add(each + ": " + e);
      return false;
    }
  }

  private static String query(int port, String expression) throws IOException {
    return MonitoredServers.get(
        URI.create(
            "http://127.0.0.1:"
                + port
                + "/api/v1/query?query="
                + URLEncoder.encode(expression, UTF_8)));
  }
}
