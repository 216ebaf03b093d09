// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import static dev.weir.deploy.ComposeFile.map;
import static dev.weir.deploy.Manifests.at;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.redis.fixtures.RequiresProgram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What the manifests and the chart describe, as processes: their configuration, secrets and probes.
 */
@RequiresProgram("bash")
@Timeout(300)
final class KubernetesIT {
  private static final String TOKEN = "a-token-for-this-test-and-no-other-0123456789";
  private static final String CHECK = "/v1/check?domain=api&user=";

  @Test
  void manifests_withARedisElsewhere_serveAndTellWhatTheAutoscalerNeeds() throws Exception {
    Manifests manifests = Manifests.read("deploy/kubernetes/weir.yaml");
    Map<String, Object> pod =
        map(at(manifests.get("Deployment", "weir"), "spec", "template", "spec"));
    try (RedisProcess redis = RedisProcess.builder().password("secret").appendOnly().start();
        PodProcess weir = new PodProcess(pod, volumes(manifests, redis.url()), Map.of())) {
      Object container = at(pod, "containers", 0);
      for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
        weir.awaitReady(weir.port(9_100), at(container, probe, "httpGet", "path").toString());
      }
      assertThat(weir.get(weir.port(8_080), CHECK + 1).body()).contains("\"remaining\":99");
      assertThat(weir.get(weir.port(8_080), "/metrics").statusCode()).isEqualTo(404);
      assertThat(
              weir.get(weir.port(9_090), "/v1/admin/me", "Authorization", "Bearer " + TOKEN).body())
          .contains("\"role\":\"admin\"");
      Object rule =
          at(
              Manifests.read("deploy/kubernetes/prometheus-adapter.yaml").all().getFirst(),
              "rules",
              "custom",
              0);
      String series = at(rule, "seriesQuery").toString().replaceAll("\\{.*", "");
      assertThat(weir.get(weir.port(9_100), "/metrics").body())
          .contains("weir_store_up 1.0", series + "{");

      // As a ConfigMap changes: the pod stays, the limit is another.
      Path policies = weir.folder().resolve("config/policies.yaml");
      Files.writeString(
          policies, Files.readString(policies).replace("100 per minute", "7 per minute"));
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThat(weir.get(weir.port(8_080), CHECK + "2&cost=0").body())
                      .contains("\"remaining\":7"));

      weir.process().destroy();
      assertThat(weir.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(weir.process().exitValue()).as(weir.log()).isZero();
      assertThat(weir.log()).doesNotContain(TOKEN, "secret@", "\"level\":\"ERROR\"");
    }
  }

  @Test
  @RequiresProgram({"bash", "helm", "redis-cli", "getent"})
  void chart_withItsRedisCluster_countsInIt() {
    Manifests manifests = Manifests.of(Manifests.rendered(Manifests.values("redis-cluster")));
    Map<String, Object> data = map(at(manifests.get("ConfigMap", "weir-redis-cluster"), "data"));
    String password = decoded(manifests, "weir-redis-cluster", "redis-password");
    Path folder = Machine.readableFolder();
    PodProcess.write(
        folder.resolve("redis.conf"),
        data.get("redis.conf").toString().replaceAll("(?m)^(bind|port|dir) .*$", ""));
    PodProcess.write(folder.resolve("password"), password);
    PodProcess.write(folder.resolve("create"), data.get("create").toString());
    List<RedisProcess> nodes = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        nodes.add(
            RedisProcess.builder()
                .password(password)
                .config("include", folder.resolve("redis.conf").toString())
                .start());
      }
      String addresses =
          nodes.stream().map(node -> "127.0.0.1:" + node.port()).collect(Collectors.joining(" "));
      Map<String, String> job =
          Map.of(
              "NODES",
              addresses,
              "REPLICAS",
              "0",
              "PASSWORD_FILE",
              folder.resolve("password").toString());
      for (int again = 0; again < 2; again++) {
        Machine.Outcome made = Machine.run(job, List.of("sh", folder.resolve("create").toString()));
        assertThat(made.status()).as(made.output()).isZero();
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> nodes.stream().allMatch(KubernetesIT::knowsAllSlots));
      }

      String url = decoded(manifests, "weir-secrets", "redis-url");
      assertThat(url).isEqualTo("redis://:" + password + "@weir-redis-cluster:6379");
      Map<String, Object> pod =
          map(at(manifests.get("Deployment", "weir"), "spec", "template", "spec"));
      Map<String, Map<String, String>> volumes =
          volumes(
              manifests,
              url.replace("weir-redis-cluster:6379", "127.0.0.1:" + nodes.getFirst().port()));
      volumes.put("tls", Map.of());
      try (PodProcess weir = new PodProcess(pod, volumes, Map.of("WEIR_LOG_LEVEL", "info"))) {
        weir.awaitReady(weir.port(9_100), "/health/ready");
        for (int user = 0; user < 60; user++) {
          assertThat(weir.get(weir.port(8_080), CHECK + user).body()).contains("\"allowed\":true");
        }
        assertThat(nodes).allMatch(node -> node.cli("DBSIZE").number() > 0);
        assertThat(weir.get(weir.port(9_100), "/health").body())
            .contains("\"topology\":\"cluster\"");
      }
    } finally {
      nodes.forEach(RedisProcess::close);
    }
  }

  private static boolean knowsAllSlots(RedisProcess node) {
    String info = node.cli("CLUSTER", "INFO").text();
    return info.contains("cluster_slots_ok:16384") && info.contains("cluster_state:ok");
  }

  /** What the pod's volumes hold: the chart's ConfigMap, and secrets of this test. */
  private static Map<String, Map<String, String>> volumes(Manifests manifests, String redisUrl) {
    Map<String, String> config = new HashMap<>();
    map(at(manifests.get("ConfigMap", "weir"), "data"))
        .forEach((name, text) -> config.put(name, text.toString()));
    // On a busy machine no check of a test shall be judged without Redis.
    config.merge(
        "weir.yaml", "", (text, none) -> text.replace("    url: ", "    timeout: 5s\n    url: "));
    assertThat(config.get("weir.yaml")).contains("timeout: 5s");
    Map<String, Map<String, String>> volumes = new HashMap<>();
    volumes.put("config", config);
    volumes.put(
        "secrets",
        Map.of(
            "admin-token", TOKEN,
            "key-secret", "what-this-test-hashes-its-keys-with",
            "redis-url", redisUrl));
    return volumes;
  }

  private static String decoded(Manifests manifests, String secret, String key) {
    String text = at(manifests.get("Secret", secret), "data", key).toString();
    return new String(Base64.getDecoder().decode(text), UTF_8);
  }
}
