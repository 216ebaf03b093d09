// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import static dev.weir.deploy.ComposeFile.map;
import static dev.weir.deploy.Manifests.at;
import static dev.weir.deploy.Manifests.list;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.RequiresProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart and the manifests, as far as their own tools can tell without a cluster. */
@RequiresProgram("helm")
@Timeout(300)
final class KubernetesTest {
  private static final List<String> VERSIONS = List.of("1.27", "1.31", "1.37");

  @ParameterizedTest
  @ValueSource(strings = {"external-redis", "redis-cluster", "single"})
  void chart_lint_findsNothing(String values) {
    Machine.Outcome outcome =
        Machine.run(
            "helm",
            "lint",
            "--strict",
            Manifests.CHART,
            "--values",
            Manifests.values(values).toString());
    assertThat(outcome.status()).as(outcome.output()).isZero();
    assertThat(outcome.output()).doesNotContain("[WARNING]", "[ERROR]");
  }

  @Test
  @RequiresProgram({"helm", "kubernetes-validate"})
  void chartAndManifests_fitTheSchemasOfKubernetes(@TempDir Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    for (String values : List.of("external-redis", "redis-cluster", "single")) {
      // The operator's own kind has no schema there.
      String text =
          Manifests.rendered(Manifests.values(values), "--set", "serviceMonitor.enabled=false");
      files.add(Files.writeString(folder.resolve(values + ".yaml"), text));
    }
    files.add(Machine.ROOT.resolve("deploy/kubernetes/weir.yaml"));
    files.add(Machine.ROOT.resolve("deploy/kubernetes/namespace.yaml"));
    validate(files);
  }

  private static void validate(List<Path> files) {
    for (String version : VERSIONS) {
      List<String> command =
          new ArrayList<>(List.of("kubernetes-validate", "-k", version, "--strict", "--quiet"));
      for (Path file : files) {
        command.add(file.toString());
      }
      Machine.Outcome outcome = Machine.run(Map.of(), command);
      assertThat(outcome.status()).as(outcome.output()).isZero();
      assertThat(outcome.output()).as(version).isEmpty();
    }
  }

  /**
   * The commands of docs/deployment.md in {@code bash}, with {@code template} for {@code install}.
   */
  @Test
  @RequiresProgram({"helm", "openssl"})
  void installations_ofThePage_areRendered() throws IOException {
    String page = Files.readString(Machine.ROOT.resolve("docs/deployment.md"));
    var blocks = Pattern.compile("(?ms)^```bash\n(.*?)^```$").matcher(page);
    int commands = 0;
    while (blocks.find()) {
      for (String line : blocks.group(1).lines().toList()) {
        assertThat(line).startsWith("helm install ");
        Machine.Outcome outcome =
            Machine.run("bash", "-c", line.replaceFirst("helm install", "helm template"));
        assertThat(outcome.status()).as(outcome.output()).isZero();
        assertThat(outcome.output()).contains("kind: Deployment");
        commands++;
      }
    }
    assertThat(commands).isEqualTo(2);
  }

  @Test
  void manifests_areWhatTheChartRenders(@TempDir Path folder) {
    Path rendered = folder.resolve("weir.yaml");
    Machine.Outcome outcome = Machine.run("deploy/kubernetes/render", rendered.toString());
    assertThat(outcome.status()).as(outcome.output()).isZero();
    assertThat(Machine.ROOT.resolve("deploy/kubernetes/weir.yaml"))
        .as("deploy/kubernetes/render writes it")
        .hasSameTextualContentAs(rendered);
  }

  @ParameterizedTest
  @CsvSource({
    "replicaCount=0, replicaCount",
    "image.tag=latest, image",
    "secrets.redisUrl=http://redis, redisUrl",
    "autoscaling.targetRoundTrip=fast, targetRoundTrip",
    "replicas=3, replicas",
    "redis-cluster.enabled=true, redis-cluster.password"
  })
  void values_thatAreWrong_areRefused(String value, String named) {
    Machine.Outcome outcome =
        Machine.run("helm", "template", "weir", Manifests.CHART, "--set", value);
    assertThat(outcome.status()).isNotZero();
    assertThat(outcome.output()).contains(named);
  }

  @ParameterizedTest
  @ValueSource(strings = {"external-redis", "redis-cluster", "single"})
  void everyPod_keepsTheRestrictedStandard(String values) {
    List<Map<String, Object>> pods =
        Manifests.of(Manifests.rendered(Manifests.values(values))).pods();
    assertThat(pods).isNotEmpty();
    for (Map<String, Object> pod : pods) {
      assertThat(map(at(pod, "securityContext")))
          .containsEntry("runAsNonRoot", true)
          .containsEntry("seccompProfile", Map.of("type", "RuntimeDefault"));
      assertThat(pod).containsEntry("automountServiceAccountToken", false);
      for (Map<String, Object> container : list(at(pod, "containers"))) {
        assertThat(map(at(container, "securityContext")))
            .containsEntry("allowPrivilegeEscalation", false)
            .containsEntry("readOnlyRootFilesystem", true)
            .containsEntry("capabilities", Map.of("drop", List.of("ALL")));
        assertThat(map(at(container, "resources", "limits"))).containsKey("memory");
        assertThat(container.get("image").toString()).doesNotEndWith(":latest").contains(":");
      }
    }
  }

  @Test
  void server_isProbedDrainedAndSpread() {
    Manifests manifests = Manifests.read("deploy/kubernetes/weir.yaml");
    Object pod = at(manifests.get("Deployment", "weir"), "spec", "template", "spec");
    Object container = at(pod, "containers", 0);
    assertThat(at(container, "livenessProbe", "httpGet", "path")).isEqualTo("/health/live");
    assertThat(at(container, "readinessProbe", "httpGet", "path")).isEqualTo("/health/ready");
    Object configuration = at(manifests.get("ConfigMap", "weir"), "data", "weir.yaml");
    Object server = at(Manifests.of(configuration.toString()).all().getFirst(), "server");
    int drain = Integer.parseInt(at(server, "drain").toString().replace("s", ""));
    int wait =
        Integer.parseInt(at(container, "lifecycle", "preStop", "exec", "command", 1).toString());
    assertThat((Integer) at(pod, "terminationGracePeriodSeconds")).isGreaterThan(drain + wait);
    assertThat(list(at(pod, "topologySpreadConstraints"))).hasSize(2);
    assertThat(at(manifests.get("PodDisruptionBudget", "weir"), "spec", "maxUnavailable"))
        .isEqualTo(1);
  }

  @Test
  void administration_isOnLoopback_andNoServiceOrPolicyLeadsThere() {
    Manifests manifests = Manifests.read("deploy/kubernetes/weir.yaml");
    Object text = at(manifests.get("ConfigMap", "weir"), "data", "weir.yaml");
    Object listeners = at(Manifests.of(text.toString()).all().getFirst(), "listeners");
    for (Map<String, Object> listener : list(listeners)) {
      if (listener.get("serves").toString().contains("admin")) {
        assertThat(listener).containsEntry("host", "127.0.0.1");
      }
    }
    assertThat(at(manifests.get("Service", "weir"), "spec", "ports").toString())
        .doesNotContain("9090", "9100");
    assertThat(manifests.get("NetworkPolicy", "weir").toString()).doesNotContain("9090");
  }

  @Test
  void autoscaler_countsByWhatTheAdapterMakes() {
    Object rule =
        at(
            Manifests.read("deploy/kubernetes/prometheus-adapter.yaml").all().getFirst(),
            "rules",
            "custom",
            0);
    Object metrics =
        at(
            Manifests.read("deploy/kubernetes/weir.yaml").get("HorizontalPodAutoscaler", "weir"),
            "spec",
            "metrics");
    assertThat(at(metrics, 0, "resource", "name")).isEqualTo("cpu");
    assertThat(at(metrics, 1, "pods", "metric", "name")).isEqualTo(at(rule, "name", "as"));
  }
}
