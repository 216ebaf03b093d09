// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.FailurePolicy;
import dev.weir.redis.RedisOptions;
import dev.weir.server.admin.AdminSettings;
import dev.weir.server.admin.Administrator;
import dev.weir.server.admin.Role;
import dev.weir.server.rls.DeniedBody;
import dev.weir.server.rls.RlsSettings;
import dev.weir.server.wire.HeaderProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
                serves: [routes, api, rls, rls-json, rls-debug, auth, admin, admin-e, metrics, health, throttle]
                limit-headers: x-delta
                trusted-proxies: [10.0.0.0/8]
                not-found: { status: 410, body: gone }
                wrong-method: { status: 405, json: { no: "{method}" } }
            admin:
              domain: shop
              token: a-token-of-some-length
              tokens:
                - name: ops
                  role: operator
                  sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
            policies: none
            """);
    assertThat(configuration.administration().domain()).hasValue("shop");
    assertThat(configuration.administration().tokens())
        .extracting(token -> token.grant())
        .containsExactly(
            new Administrator("admin", Role.ADMIN), new Administrator("ops", Role.OPERATOR));
    assertThat(configuration.eventLoops()).isEqualTo(3);
    assertThat(configuration.drain()).isEqualTo(Duration.ofSeconds(7));
    assertThat(configuration.store().maxKeys()).isEqualTo(99);
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
    assertThat(listener.serves())
        .containsExactlyInAnyOrderElementsOf(EnumSet.complementOf(EnumSet.of(Surface.RESP)));
    assertThat(listener.fields()).isEqualTo(HeaderProfile.X_DELTA);
    assertThat(listener.clients().isTrusted("10.1.2.3")).isTrue();
    assertThat(listener.clients().isTrusted("11.1.2.3")).isFalse();
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
        .containsExactlyInAnyOrder(
            Surface.API, Surface.RLS, Surface.AUTH, Surface.HEALTH, Surface.METRICS);
  }

  @Test
  void redisProtocol_isAloneOnItsListener() {
    assertThat(
            TestConfiguration.of(
                    "version: 1\npolicies: none\nlisteners: [{ port: 1, serves: [resp] }]")
                .listeners()
                .getFirst()
                .serves())
        .containsExactly(Surface.RESP);
    assertThat(
            TestConfiguration.problems(
                "version: 1\npolicies: none\nlisteners: [{ port: 1, serves: [resp, api] }]"))
        .contains("resp: with others or with proxies (expected: alone, since it is no HTTP)");
  }

  @Test
  void respPort_putsTheRedisProtocolBesideTheFirstListener() {
    Configuration beside =
        Configuration.of(ServeOptions.NONE.host("127.0.0.1").respPort(6_380), Map.of());
    Listener resp = beside.listeners().getLast();
    assertThat(resp.serves()).containsExactly(Surface.RESP);
    assertThat(resp.host()).isEqualTo("127.0.0.1");
    assertThat(resp.port()).isEqualTo(6_380);
    assertThat(beside.listeners().getFirst().serves()).doesNotContain(Surface.RESP);
  }

  @Test
  void gatewayWithoutListeners_doesNotServeTheApi() {
    Configuration configuration =
        TestConfiguration.of(POLICIES + "routes: [{ path: /, respond: { body: hi } }]\n");
    assertThat(configuration.listeners().getFirst().serves())
        .containsExactlyInAnyOrder(Surface.ROUTES, Surface.HEALTH);
  }

  @Test
  void grpcPort_putsTheRateLimitServiceBesideTheFirstListener_orWhereItIsAlone() {
    Configuration beside =
        Configuration.of(ServeOptions.NONE.host("127.0.0.1").grpcPort(8_081), Map.of());
    Listener grpc = beside.listeners().getLast();
    assertThat(grpc.serves()).containsExactly(Surface.RLS);
    assertThat(grpc.host()).isEqualTo("127.0.0.1");
    assertThat(grpc.port()).isEqualTo(8_081);
    assertThat(beside.listeners().getFirst().serves()).contains(Surface.RLS);
  }

  @Test
  void rateLimitService_saysWhatItIsToldTo() {
    assertThat(TestConfiguration.of(POLICIES).rls()).isEqualTo(RlsSettings.NONE);
    assertThat(
            TestConfiguration.of(
                    POLICIES
                        + "rls: { limit-headers: true, problem: true, metadata: true, domains: {"
                        + " a: { charge: all }, b: { charge: together }, c: {} } }\n")
                .rls())
        .isEqualTo(new RlsSettings(true, true, Optional.empty(), true, Set.of("a")));
    assertThat(
            TestConfiguration.problems(
                POLICIES + "rls: { problem: maybe, domains: { a: { charge: some, more: 1 } } }\n"))
        .contains("rls.problem", "rls.domains.a.charge", "more");
    assertThat(
            TestConfiguration.of(
                    POLICIES + "rls: { denied: { json: { wait: \"{retry-after}\" } } }\n")
                .rls()
                .denied())
        .hasValue(DeniedBody.of("application/json", true, "{\"wait\":{retry-after}}"));
    assertThat(
            TestConfiguration.problems(
                POLICIES + "rls: { denied: { status: 503, body: \"{path} {remainin}\" } }\n"))
        .contains("status or headers", "remainin");
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
  void administrators_readAgain_areThoseOfTheVariablesWhereTheFileNamesNone(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("weir.yaml");
    Files.writeString(file, "version: 1\npolicies: none\n");
    Configuration started =
        Configuration.of(
            ServeOptions.NONE.config(file).adminPort(0),
            Map.of("WEIR_ADMIN_TOKEN", "a-token-of-the-environment"));

    assertThat(started.administration().tokens()).hasSize(1);
    assertThat(started.again().administrators().orElseThrow().tokens()).hasSize(1);
  }

  @Test
  void policyFile_thatIsNotThere_isToldInWords(@TempDir Path folder) {
    Path missing = folder.resolve("missing.yaml");
    for (String format : new String[] {"", ", format: envoy"}) {
      assertThat(
              TestConfiguration.problems(
                  "version: 1\npolicy-files: [{ file: " + missing + format + " }]\n"))
          .contains("policy-files[0]: no such file: " + missing)
          .doesNotContain("Exception");
    }
  }

  @Test
  void administrators_givenByCode_areNotReadAgain(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("weir.yaml");
    Files.writeString(file, "version: 1\npolicies: none\n");

    assertThat(
            Configuration.read(file, Map.of())
                .administration(AdminSettings.NONE)
                .again()
                .administrators())
        .isEmpty();
  }

  @Test
  void policyFilesBesidePoliciesNone_areRefused() {
    String yaml = "version: 1\npolicies: none\npolicy-files:\n  - file: nowhere.yaml\n";

    assertThat(TestConfiguration.problems(yaml))
        .contains("policy-files: beside policies: none (expected: one of the two)");
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
        Configuration.of(ServeOptions.NONE.host("127.0.0.1").port(4_321).eventLoops(5), Map.of());
    assertThat(configuration.listeners().getFirst().host()).isEqualTo("127.0.0.1");
    assertThat(configuration.listeners().getFirst().port()).isEqualTo(4_321);
    assertThat(configuration.eventLoops()).isEqualTo(5);
  }

  @Test
  void store_everyKey_isMapped() {
    StoreSettings store =
        store(
            """
            nodes: 3
            memory: { max-keys: 7 }
            redis:
              url: rediss://user:secret@cache:6380/2
              prefix: "shop:"
              timeout: 12ms
              max-waiting: 99
              cluster-batches: slot
              ca: certificates/ca.pem
              certificate: certificates/me.pem
              private-key: /etc/me.key
            """);
    assertThat(store.nodes()).hasValue(3);
    assertThat(store.maxKeys()).isEqualTo(7);
    RedisOptions redis = store.redis().orElseThrow();
    assertThat(redis.url()).isEqualTo("rediss://user:secret@cache:6380/2");
    assertThat(redis.prefix()).isEqualTo("shop:");
    assertThat(redis.timeout()).isEqualTo(Duration.ofMillis(12));
    assertThat(redis.maxWaiting()).isEqualTo(99);
    assertThat(redis.clusterBatches()).isEqualTo(RedisOptions.ClusterBatches.SLOT);
    assertThat(redis.ca().orElseThrow()).isAbsolute().endsWithRaw(Path.of("certificates/ca.pem"));
    assertThat(redis.certificate().orElseThrow()).isAbsolute();
    assertThat(redis.privateKey()).hasValue(Path.of("/etc/me.key"));
  }

  @Test
  void store_partsOfAUrl_areEscaped() {
    assertThat(url("{ host: cache }")).isEqualTo("redis://cache:6379/0");
    assertThat(url("{ host: '::1', port: 7000, database: 3 }")).isEqualTo("redis://[::1]:7000/3");
    assertThat(url("{ host: cache, username: a b, password: 'p@/:%' }"))
        .isEqualTo("redis://a%20b:p%40%2F%3A%25@cache:6379/0");
    assertThat(url("{ host: cache, password: p }")).isEqualTo("redis://:p@cache:6379/0");
    assertThat(url("{ host: cache, ca: ca.pem }")).startsWith("rediss://");
    assertThat(url("redis://cache")).isEqualTo("redis://cache");
  }

  @Test
  void store_withoutAPlaceForRedis_isMemory() {
    assertThat(store("redis: { url: '${NONE:-}', timeout: 5ms }").redis()).isEmpty();
    assertThat(store("redis: { host: '${NONE:-}', port: 7000 }").redis()).isEmpty();
    assertThat(store("redis: '${NONE:-}'").redis()).isEmpty();
    assertThat(TestConfiguration.of(POLICIES + "store: memory\n").store().redis()).isEmpty();
    assertThat(TestConfiguration.of(POLICIES).store().redis()).isEmpty();
  }

  @Test
  void store_mistakes_areToldWithoutSecrets() {
    assertThat(storeProblems("redis: { url: 'http://user:secret@host' }"))
        .contains("4:17: store.redis.url: http://…@host (expected: redis://")
        .doesNotContain("secret");
    assertThat(storeProblems("redis: { host: 'a b', password: secret }"))
        .contains("store.redis.host")
        .doesNotContain("secret");
    assertThat(storeProblems("redis: { url: 'redis://a', host: b }")).contains("one of them");
    assertThat(storeProblems("redis: { timeout: 5ms }")).contains("one of them");
    assertThat(storeProblems("redis: { url: 'redis://a', port: 1 }"))
        .contains("store.redis.port: beside a url");
    assertThat(storeProblems("redis: { url: 'redis://a', timout: 5ms }"))
        .contains("store.redis.timout: unknown (expected: timeout)");
    assertThat(storeProblems("redis: { url: '', prefix: '{' }")).contains("prefix");
    assertThat(storeProblems("redis: { url: 'redis://a', certificate: a.pem }"))
        .contains("both or neither");
    assertThat(storeProblems("nodes: 0")).contains("store.nodes");
  }

  @Test
  void redisUrlOfTheCommandLine_winsOverTheFile() throws IOException {
    Path file = Files.createTempFile("weir", ".yaml");
    file.toFile().deleteOnExit();
    Files.writeString(file, POLICIES + "store: { redis: { url: '${URL:-}', timeout: 7ms } }\n");
    ServeOptions options = ServeOptions.NONE.config(file).redis("redis://:secret@given");
    Configuration configuration =
        Configuration.of(options, Map.of("URL", "redis://:hidden@of-the-file"));
    RedisOptions redis = configuration.store().redis().orElseThrow();
    assertThat(redis.url()).isEqualTo("redis://:secret@given");
    assertThat(redis.timeout()).isEqualTo(Duration.ofMillis(7));
    assertThat(configuration.toString() + configuration.store() + options)
        .doesNotContain("secret")
        .doesNotContain("hidden");
    assertThat(Configuration.of(ServeOptions.NONE.redis("redis://given"), Map.of()).store().redis())
        .isPresent();
  }

  @Test
  void nodes_areOptional() {
    String local =
        """
        version: 1
        policies:
          - { name: p, domain: d, key: k, limits: [{ name: l, rate: 10/s, on-failure: local }] }
        """;
    assertThat(TestConfiguration.of(local).store().nodes()).isEmpty();
    assertThat(TestConfiguration.of(local + "store: { nodes: '${N:-}' }\n").store().nodes())
        .isEmpty();
    assertThat(TestConfiguration.of(local + "store: { nodes: 2 }\n").store().nodes()).hasValue(2);
  }

  @Test
  void rulesOfJson_haveTheFailurePolicyOfTheirFile() throws IOException {
    Path rules = Files.createTempFile("rules", ".json");
    rules.toFile().deleteOnExit();
    Files.writeString(rules, "[{\"id\":\"r\",\"key_template\":\"{ip}\",\"rate_per_sec\":1}]");
    String yaml = "version: 1\npolicy-files: [{ file: '" + rules + "', %s }]\n";
    assertThat(
            TestConfiguration.of(yaml.formatted("format: rules-json, on-failure: closed"))
                .policies()
                .policies()
                .getFirst()
                .limits()
                .getFirst()
                .onFailure())
        .isEqualTo(FailurePolicy.CLOSED);
    assertThat(TestConfiguration.problems(yaml.formatted("on-failure: closed")))
        .contains("on-failure: of a file of policies");
  }

  private static StoreSettings store(String yaml) {
    return TestConfiguration.of(POLICIES + "store:\n" + yaml.indent(2)).store();
  }

  private static String url(String redis) {
    return store("redis: " + redis).redis().orElseThrow().url();
  }

  private static String storeProblems(String yaml) {
    return TestConfiguration.problems(POLICIES + "store:\n" + yaml.indent(2));
  }
}
