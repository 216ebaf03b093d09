// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.server.wire.HeaderProfile;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ConfigurationTest {

  private static final String POLICIES = "version: 1\npolicies: none\n";

  @Test
  void everyKey_isMapped() {
    Configuration configuration =
        TestConfiguration.of(
            """
            version: 1
            server: { event-loops: 3, drain: 7s }
            http:
              max-request-line: 100
              max-header: 1000
              max-body: 2000
              header-deadline: 1s
              body-deadline: 2s
              idle-timeout: 3s
              max-connections: 4
              max-connections-per-address: 2
            store: { memory: { max-keys: 99 } }
            listeners:
              - name: a
                host: 127.0.0.1
                port: 1234
                serves: [routes, api, metrics, health]
                limit-headers: x-delta
                trusted-proxies: [10.0.0.0/8]
                not-found: { status: 410, body: gone }
                wrong-method: { status: 405, json: { no: "{method}" } }
            policies: none
            """);
    assertThat(configuration.eventLoops()).isEqualTo(3);
    assertThat(configuration.drain()).isEqualTo(Duration.ofSeconds(7));
    assertThat(configuration.maxKeys()).isEqualTo(99);
    assertThat(configuration.limits())
        .isEqualTo(
            new HttpLimits(
                100,
                1_000,
                2_000,
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                4,
                2));
    Listener listener = configuration.listeners().getFirst();
    assertThat(listener.host()).isEqualTo("127.0.0.1");
    assertThat(listener.port()).isEqualTo(1_234);
    assertThat(listener.serves()).containsExactlyInAnyOrder(Surface.values());
    assertThat(listener.fields()).isEqualTo(HeaderProfile.X_DELTA);
    assertThat(listener.clients().trusted()).hasSize(1);
    assertThat(listener.notFound().orElseThrow().status()).isEqualTo(410);
    assertThat(listener.wrongMethod().orElseThrow().status()).isEqualTo(405);
  }

  @Test
  void defaults_areThoseOfTheDocument() {
    Configuration configuration = TestConfiguration.of(POLICIES);
    assertThat(configuration.limits()).isEqualTo(HttpLimits.DEFAULT);
    assertThat(configuration.eventLoops()).isZero();
    Listener listener = configuration.listeners().getFirst();
    assertThat(listener.port()).isEqualTo(8_080);
    assertThat(listener.fields()).isEqualTo(HeaderProfile.IETF);
    assertThat(listener.serves())
        .containsExactlyInAnyOrder(Surface.API, Surface.HEALTH, Surface.METRICS);
  }

  @Test
  void gatewayWithoutListeners_doesNotServeTheApi() {
    Configuration configuration =
        TestConfiguration.of(POLICIES + "routes: [{ path: /, respond: { body: hi } }]\n");
    assertThat(configuration.listeners().getFirst().serves())
        .containsExactlyInAnyOrder(Surface.ROUTES, Surface.HEALTH);
  }

  @Test
  void mistakes_areAllToldWithTheirPlaces() {
    String problems =
        TestConfiguration.problems(
            """
            version: 1
            listeners:
              - { port: 70000, serves: [routes, everything], limit-headers: some }
            policies: none
            routes:
              - path: orders
                identity: [adress]
                respond: { json: { left: "{remainin}" } }
                upstream: "ftp://x"
              - path: /x
                unknown: 1
                check: { domain: d, entries: { k: v } }
            """);
    assertThat(problems.lines().toList())
        .hasSizeGreaterThanOrEqualTo(8)
        .allMatch(
            line -> line.matches("\\d+:\\d+: .*\\(expected: .*"), "a place and an expectation")
        .anyMatch(line -> line.startsWith("3:13: listeners[0].port: "))
        .anyMatch(line -> line.contains("everything"))
        .anyMatch(line -> line.contains("limit-headers"))
        .anyMatch(line -> line.contains("orders") && line.contains("starts with '/'"))
        .anyMatch(line -> line.contains("adress"))
        .anyMatch(line -> line.contains("{remainin}"))
        .anyMatch(line -> line.contains("ftp://x"))
        .anyMatch(line -> line.contains("unknown"));
  }

  @Test
  void rule13_noPolicies_areRefusedUnlessAskedFor() {
    assertThat(TestConfiguration.problems("version: 1\n")).contains("no policies");
    assertThat(TestConfiguration.problems("version: 1\npolicies: []\n")).isNotEmpty();
    assertThat(TestConfiguration.of(POLICIES).policies().policies()).isEmpty();
  }

  @Test
  void missingPolicyFile_isToldAtItsPlace() {
    assertThat(TestConfiguration.problems("version: 1\npolicy-files:\n  - file: nowhere.yaml\n"))
        .contains("3:5: policy-files[0]")
        .contains("nowhere.yaml");
  }

  @Test
  void commandLine_overridesTheFirstListener() {
    Configuration configuration =
        Configuration.of(
            new ServeOptions(
                Optional.empty(),
                Optional.of("127.0.0.1"),
                OptionalInt.of(4_321),
                OptionalInt.of(5)),
            Map.of());
    assertThat(configuration.listeners().getFirst().host()).isEqualTo("127.0.0.1");
    assertThat(configuration.listeners().getFirst().port()).isEqualTo(4_321);
    assertThat(configuration.eventLoops()).isEqualTo(5);
  }
}
