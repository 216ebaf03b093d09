// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static dev.weir.integration.AdministrationClient.text;
import static dev.weir.integration.ProfileServer.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.redis.fixtures.EarlyInWindow;
import dev.weir.redis.fixtures.Loopback;
import dev.weir.redis.fixtures.Ports;
import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.redis.fixtures.RequiresProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Profile E as its script starts it: HAProxy, two processes of Weir behind it, and one Redis. Most
 * tests make users of their own; the instance that is killed comes last.
 */
@RequiresProgram({"bash", "haproxy"})
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@EarlyInWindow(seconds = 15)
@Timeout(300)
final class HaproxyIT {

  private static final String TOKEN = "a-token-for-this-test-and-no-other-0123456789";
  private static final String DEGRADED = "{\"status\":\"DEGRADED\",\"ttl_seconds\":%d}";
  private static final String NORMAL = "{\"status\":\"NORMAL\"}";
  // For an instance to follow what was changed at the other.
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int CLIENTS = 20;

  @TempDir private static Path folder;
  private static RedisProcess redis;
  private static TopologyScript script;
  private static int port;
  private static int[] instances;
  private static int[] administrationPorts;
  private static AdministrationClient first;
  private static AdministrationClient second;

  @BeforeAll
  static void start() throws IOException {
    redis = RedisProcess.start();
    int[] ports = Ports.free(5);
    port = ports[0];
    instances = new int[] {ports[1], ports[2]};
    administrationPorts = new int[] {ports[3], ports[4]};
    first = new AdministrationClient(ports[3], TOKEN);
    second = new AdministrationClient(ports[4], TOKEN);
    script = TopologyScript.start("haproxy", folder, HaproxyIT::variables, "two instances");
  }

  private static void variables(Map<String, String> environment) {
    // The script makes up the secret of keys.
    environment.keySet().removeIf(name -> name.startsWith("WEIR_") && !name.endsWith("JAVA_HOME"));
    environment.put("PORT", Integer.toString(port));
    environment.put("PORTS", instances[0] + " " + instances[1]);
    environment.put("ADMIN_PORTS", administrationPorts[0] + " " + administrationPorts[1]);
    environment.put("ADMIN_API_KEY", TOKEN);
    environment.put("REDIS_HOST", "127.0.0.1");
    environment.put("REDIS_PORT", Integer.toString(redis.port()));
    environment.put("REDIS_TIMEOUT", "5");
  }

  @AfterAll
  static void stop() {
    if (script != null) {
      script.close();
    }
    if (redis != null) {
      redis.close();
    }
  }

  @Test
  @Order(1)
  void freeUser_roundRobin_has20() throws Exception {
    try (HttpClient client = client("127.0.0.2")) {
      Set<String> served = new TreeSet<>();
      for (int left = 19; left >= 0; left--) {
        HttpResponse<String> answer = get(client, port, "demo_free_key_123");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "X-RateLimit-Limit")).isEqualTo("20");
        assertThat(header(answer, "X-RateLimit-Remaining")).isEqualTo(Integer.toString(left));
        served.add(header(answer, "X-Served-By"));
      }
      assertThat(served).containsExactly("weir-1", "weir-2");
      for (int i = 0; i < 4; i++) {
        HttpResponse<String> denied = get(client, port, "demo_free_key_123");
        assertThat(denied.statusCode()).isEqualTo(429);
        assertThat(denied.body()).contains("\"error_code\":\"RATE_LIMIT_EXCEEDED\"");
        // The rest of the minute, and until a twentieth of its requests has left the window.
        assertThat(Integer.parseInt(header(denied, "Retry-After"))).isBetween(1, 63);
      }
    }
  }

  @Test
  @Order(1)
  void crowds_ofTheOtherTiers_areAdmittedExactlyTheirLimits() throws Exception {
    Map<String, Integer> limits = new LinkedHashMap<>();
    limits.put("demo_pro_key_789", 150);
    limits.put("demo_enterprise_key_abc", 1_000);
    for (Map.Entry<String, Integer> each : limits.entrySet()) {
      int limit = each.getValue();
      Tally tally = new Tally(each.getKey(), (limit / CLIENTS + 10) * CLIENTS);
      crowd(tally, () -> {});
      assertThat(tally.failed).isEmpty();
      assertThat(tally.admitted).hasValue(limit);
      assertThat(tally.instances).containsExactly("weir-1", "weir-2");
    }
  }

  @Test
  @Order(2)
  void administration_behindTheProxy_isTheProfilesAlone_andNeedsTheToken() throws Exception {
    try (HttpClient client = client("127.0.0.10")) {
      for (int administration : administrationPorts) {
        assertThat(send(client, administration, "/v1/admin/users").statusCode()).isEqualTo(401);
      }
      String[] bearer = {"Authorization", "Bearer " + TOKEN};
      assertThat(send(client, port, "/v1/admin/users", bearer).statusCode()).isEqualTo(404);
      assertThat(send(client, port, "/admin/users").statusCode()).isEqualTo(401);
      assertThat(send(client, port, "/admin/users", bearer).body()).contains("demo_free_user");
    }
  }

  @Test
  @Order(2)
  void secretOfKeys_madeUpByTheScript_isToldAndInNoLog() throws IOException {
    String made =
        script
            .log()
            .lines()
            .filter(line -> line.startsWith("made up WEIR_KEY_SECRET"))
            .findFirst()
            .orElseThrow();
    String secret = made.substring(made.lastIndexOf(' ') + 1);
    assertThat(secret).matches("[0-9a-f]{64}");
    assertThat(script.log()).doesNotContain(TOKEN, "made up ADMIN_API_KEY");
    for (String log : List.of("weir-1.log", "weir-2.log")) {
      assertThat(Files.readString(folder.resolve(log))).doesNotContain(secret, TOKEN);
    }
  }

  @Test
  @Order(3)
  void keyMadeAndRevokedOnOneInstance_isFollowedByTheOther() throws Exception {
    String key = second.user("of-the-second", "pro");
    // Not by the key itself: that would be an invalid one until it is known.
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> first.get("/admin/api-keys/" + key + "/info").statusCode() == 200);
    try (HttpClient client = client("127.0.0.3")) {
      for (int instance : instances) {
        HttpResponse<String> answer = get(client, instance, key);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
            .contains("\"user_info\":{\"user_id\":\"of-the-second\",\"tier\":\"pro\"}");
      }
      String id = text(first.get("/admin/api-keys/" + key + "/info"), "key_id");
      assertThat(first.send("DELETE", "/v1/admin/keys/" + id, "").statusCode()).isEqualTo(200);
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> get(client, instances[1], key).statusCode() == 401);
      assertThat(get(client, instances[0], key).statusCode()).isEqualTo(401);
    }
  }

  @Test
  @Order(3)
  void degraded_onBothInstances_keepsWhatIsSpent_andNormalEndsIt() throws Exception {
    String free = first.user("free-in-a-storm", "free");
    String pro = first.user("pro-in-a-storm", "pro");
    String probe = first.user("probe", "free");
    awaitUser(second, "probe");
    try (HttpClient client = client("127.0.0.4")) {
      spend(client, free, 1);
      spend(client, pro, 60);

      assertThat(first.post("/admin/health", DEGRADED.formatted(3_600)).statusCode())
          .isEqualTo(200);
      awaitLimit(client, probe, 2, PATIENCE);
      spend(client, free, 1);
      assertDenied(client, free, 2);
      spend(client, pro, 40);
      assertDenied(client, pro, 100);

      HttpResponse<String> normal = second.post("/admin/health", NORMAL);
      assertThat(normal.statusCode()).as(normal.body()).isEqualTo(200);
      awaitLimit(client, probe, 20, PATIENCE);
      assertThat(first.get("/admin/health").body())
          .contains("\"status\":\"NORMAL\"", "\"ttl_seconds\":null");
      spend(client, free, 18);
      assertDenied(client, free, 20);
      spend(client, pro, 50);
      assertDenied(client, pro, 150);
    }
  }

  @Test
  @Order(3)
  void degraded_forAWhile_endsByItselfOnBoth() throws Exception {
    String probe = first.user("another-probe", "free");
    awaitUser(second, "another-probe");
    try (HttpClient client = client("127.0.0.5")) {
      AdministrationClient proxied = new AdministrationClient(port, TOKEN);
      assertThat(proxied.post("/admin/health", DEGRADED.formatted(6)).statusCode()).isEqualTo(200);
      awaitLimit(client, probe, 2, PATIENCE);
      awaitLimit(client, probe, 20, PATIENCE);
    }
  }

  /** Bad keys alternate over the instances; what a client says of its address is dropped. */
  @Test
  @Order(4)
  void eleventhBadKey_bansTheAddressOnBoth_andNobodyElse() throws Exception {
    String good = first.user("good", "enterprise");
    awaitUser(second, "good");
    Set<String> served = new TreeSet<>();
    try (HttpClient attacker = client("127.0.0.6");
        HttpClient other = client("127.0.0.7")) {
      for (int i = 0; i < 10; i++) {
        HttpResponse<String> refused =
            send(
                attacker,
                port,
                "/test",
                "X-API-Key",
                "guessed_key_00" + i,
                "X-Forwarded-For",
                "198.51.100." + i);
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body()).contains("\"error_code\":\"INVALID_API_KEY\"");
        served.add(header(refused, "X-Served-By"));
      }
      assertThat(served).containsExactly("weir-1", "weir-2");
      assertThat(get(attacker, port, good).statusCode()).isEqualTo(200);

      HttpResponse<String> eleventh = get(attacker, port, "guessed_key_010");
      assertThat(eleventh.statusCode()).isEqualTo(429);
      assertThat(header(eleventh, "Retry-After")).isEqualTo("900");
      assertThat(eleventh.body()).contains("\"error_code\":\"IP_BLOCKED\"");
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(20))
          .until(
              () ->
                  get(attacker, instances[0], good).statusCode() == 429
                      && get(attacker, instances[1], good).statusCode() == 429);
      for (int i = 0; i < 4; i++) {
        HttpResponse<String> banned = get(attacker, port, good);
        assertThat(banned.statusCode()).isEqualTo(429);
        assertThat(banned.body()).contains("\"error_code\":\"IP_BLOCKED\"");
        assertThat(Integer.parseInt(header(banned, "Retry-After"))).isBetween(880, 900);
      }
      for (int i = 0; i < 2; i++) {
        assertThat(get(other, port, good).statusCode()).isEqualTo(200);
      }
    }
  }

  /** What was admitted is counted; a request that an instance died on is asked again. */
  @Test
  @Order(5)
  void instanceKilledUnderLoad_theOtherGoesOn_withTheLimitsAndAllThatWasAcknowledged()
      throws Exception {
    String pro = first.user("pro-under-load", "pro");
    awaitUser(second, "pro-under-load");
    long victim = Long.parseLong(Files.readString(folder.resolve("weir-2.pid")).strip());
    Tally tally = new Tally(pro, 400);
    Map<String, String> acknowledged = new LinkedHashMap<>();
    try (ExecutorService changes = Executors.newSingleThreadExecutor()) {
      CountDownLatch begun = new CountDownLatch(1);
      Future<?> changing = changes.submit(() -> createUntilLost(acknowledged, begun));
      assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
      crowd(tally, () -> kill(victim));
      changing.get(60, TimeUnit.SECONDS);
    }
    assertThat(ProcessHandle.of(victim).filter(ProcessHandle::isAlive)).isEmpty();
    // Each client has one request under way.
    assertThat(tally.failed).hasSizeLessThanOrEqualTo(CLIENTS);
    assertThat(tally.admitted.get()).isBetween(150 - CLIENTS, 150);
    assertThat(acknowledged).isNotEmpty();
    awaitUser(first, acknowledged.keySet().stream().reduce("", (one, next) -> next));
    try (HttpClient after = client("127.0.0.8")) {
      for (String key : acknowledged.values()) {
        HttpResponse<String> answer = get(after, port, key);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "X-Served-By")).isEqualTo("weir-1");
      }
      assertDenied(after, pro, 150);
      String free = first.user("free-after", "free");
      spend(after, free, 20);
      assertDenied(after, free, 20);
    }
  }

  private static Void createUntilLost(Map<String, String> acknowledged, CountDownLatch begun) {
    for (int i = 0; ; i++) {
      try {
        String user = "made-before-the-end-" + i;
        acknowledged.put(user, second.user(user, "free"));
        begun.countDown();
      } catch (UncheckedIOException lost) {
        return null;
      }
    }
  }

  private static void kill(long victim) {
    ProcessHandle.of(victim)
        .ifPresent(
            process -> {
              process.descendants().forEach(ProcessHandle::destroyForcibly);
              process.destroyForcibly();
            });
  }

  private static void awaitUser(AdministrationClient administration, String user) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> texts(administration, user).contains(user));
  }

  private static List<String> texts(AdministrationClient administration, String user) {
    return AdministrationClient.texts(
        administration.get("/admin/rate-limits/status?user_id=" + user), "user_id");
  }

  /** Both instances apply this limit, by their own ports. */
  private static void awaitLimit(HttpClient client, String key, int limit, Duration within) {
    await()
        .atMost(within)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              for (int instance : instances) {
                HttpResponse<String> answer = get(client, instance, key);
                if (!header(answer, "X-RateLimit-Limit").equals(Integer.toString(limit))) {
                  return false;
                }
              }
              return true;
            });
  }

  private static void spend(HttpClient client, String key, int count) {
    for (int i = 1; i <= count; i++) {
      HttpResponse<String> answer = get(client, port, key);
      assertThat(answer.statusCode()).as("request %d: %s", i, answer.body()).isEqualTo(200);
    }
  }

  /** Denied by this limit, by one instance and most likely by the other. */
  private static void assertDenied(HttpClient client, String key, int limit) {
    for (int i = 0; i < 2; i++) {
      HttpResponse<String> answer = get(client, port, key);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(429);
      assertThat(header(answer, "X-RateLimit-Limit")).isEqualTo(Integer.toString(limit));
    }
  }

  private static final class Tally {
    final String key;
    final int requests;
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger admitted = new AtomicInteger();
    final Set<String> failed = new ConcurrentSkipListSet<>();
    final Set<String> instances = new ConcurrentSkipListSet<>();

    Tally(String key, int requests) {
      this.key = key;
      this.requests = requests;
    }
  }

  /** Many clients at once with one key; the action happens once some have been answered. */
  private static void crowd(Tally tally, Runnable action) throws Exception {
    CyclicBarrier together = new CyclicBarrier(CLIENTS);
    List<Callable<Void>> tasks = new ArrayList<>();
    try (HttpClient client = client("127.0.0.9");
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      for (int i = 0; i < CLIENTS; i++) {
        int number = i;
        tasks.add(
            () -> {
              together.await();
              for (int request = 0; request < tally.requests / CLIENTS; request++) {
                ask(client, number + "/" + request, tally);
                if (tally.asked.incrementAndGet() == CLIENTS * 3) {
                  action.run();
                }
              }
              return null;
            });
      }
      for (Future<Void> task : clients.invokeAll(tasks, 60, TimeUnit.SECONDS)) {
        task.get();
      }
    }
    assertThat(tally.asked).hasValue(tally.requests);
  }

  private static void ask(HttpClient client, String name, Tally tally) {
    try {
      HttpResponse<String> answer = get(client, port, tally.key);
      if (answer.statusCode() == 200) {
        tally.admitted.incrementAndGet();
      } else if (answer.statusCode() != 429) {
        tally.failed.add(name + ": " + answer.statusCode());
      }
      answer.headers().firstValue("X-Served-By").ifPresent(tally.instances::add);
    } catch (UncheckedIOException e) {
      tally.failed.add(name + ": " + e);
    }
  }

  /** A client that HAProxy sees at an address. */
  private static HttpClient client(String address) throws IOException {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .localAddress(InetAddress.getByName(address))
        .build();
  }

  private static HttpResponse<String> get(HttpClient client, int at, String key) {
    return send(client, at, "/test", "X-API-Key", key);
  }

  private static HttpResponse<String> send(
      HttpClient client, int at, String path, String... headers) {
    return Loopback.send(client, Loopback.request(at, "GET", path, "", headers));
  }
}
