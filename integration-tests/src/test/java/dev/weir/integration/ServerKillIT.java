// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static dev.weir.integration.AdministrationClient.text;
import static dev.weir.integration.AdministrationClient.texts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.Loopback;
import dev.weir.redis.fixtures.Ports;
import dev.weir.redis.fixtures.RequiresProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a server that keeps its records in a folder with SIGKILL, round after round, while clients
 * change users and keys. {@code -Dweir.kills=N} makes it N rounds.
 */
@RequiresProgram("bash")
final class ServerKillIT {

  private static final int ROUNDS = Integer.getInteger("weir.kills", 5);
  private static final long SEED = Long.getLong("weir.kills.seed", System.nanoTime());
  private static final int CLIENTS = 3;
  private static final Path DISTRIBUTION =
      Path.of(System.getProperty("weir.home")).toAbsolutePath();
  private static final String TOKEN = "a-token-for-this-test-and-no-other-0123456789";

  /** What was acknowledged, of all rounds. */
  private static final class Acknowledged {
    /** Good keys by user. */
    final Map<String, String> keys = new ConcurrentHashMap<>();

    /** The ids of keys by user, of revoked ones too. */
    final Map<String, String> ids = new ConcurrentHashMap<>();

    /** All users; of some the answer to a key was lost. */
    final Set<String> users = ConcurrentHashMap.newKeySet();

    /** Users whose key is revoked. */
    final Set<String> revoked = ConcurrentHashMap.newKeySet();
  }

  @TempDir private Path folder;
  private Process server;

  @AfterEach
  void stop() throws InterruptedException {
    if (server != null) {
      server.toHandle().destroyForcibly();
      server.waitFor();
    }
  }

  @Test
  void server_killedAtAnyMoment_losesNothingAcknowledged() throws Exception {
    Random random = new Random(SEED);
    Acknowledged acknowledged = new Acknowledged();
    for (int round = 1; round <= ROUNDS + 1; round++) {
      try {
        if (round % 3 == 1) {
          // While files are made or opened.
          start();
          LockSupport.parkNanos(random.nextLong(1_500_000_000));
          kill();
        }
        Doors ports = ready(start());
        verify(ports, acknowledged);
        if (round <= ROUNDS) {
          changeUntilKilled(ports, acknowledged, round, 9 + random.nextInt(40));
        }
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("round " + round + ", -Dweir.kills.seed=" + SEED + log(), e);
      }
    }
    assertThat(acknowledged.keys).isNotEmpty();
    assertThat(acknowledged.revoked).isNotEmpty();
  }

  private record Doors(int gateway, int administration) {}

  private Doors start() throws IOException {
    Doors ports = new Doors(Ports.free(), Ports.free());
    ProcessBuilder builder =
        new ProcessBuilder(
            DISTRIBUTION.resolve("bin/weir").toString(),
            "serve",
            "--config",
            ProfileServer.file("e").toString(),
            "--data-dir",
            folder.resolve("data").toString());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("WEIR_") && !name.endsWith("JAVA_HOME"));
    environment.put("HOST", "127.0.0.1");
    environment.put("PORT", Integer.toString(ports.gateway()));
    environment.put("WEIR_ADMIN_PORT", Integer.toString(ports.administration()));
    environment.put("ADMIN_API_KEY", TOKEN);
    builder.redirectErrorStream(true).redirectOutput(folder.resolve("server.log").toFile());
    server = builder.start();
    return ports;
  }

  private Doors ready(Doors ports) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(50))
          .until(() -> !server.isAlive() || isReady(client, ports));
    }
    assertThat(server.isAlive()).as("the server%s", log()).isTrue();
    return ports;
  }

  private static boolean isReady(HttpClient client, Doors ports) {
    try {
      return get(client, ports.gateway(), "/health/ready", "").statusCode() == 200
          && new AdministrationClient(ports.administration(), TOKEN)
                  .get("/admin/health")
                  .statusCode()
              == 200;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  private void kill() throws InterruptedException {
    // The process's own method would close what it says.
    server.toHandle().destroyForcibly();
    server.waitFor();
  }

  private String log() {
    try {
      return "\n" + Files.readString(folder.resolve("server.log"));
    } catch (IOException e) {
      return ", whose log cannot be read: " + e;
    }
  }

  /** Clients change things until the server is killed, which is after some were acknowledged. */
  private void changeUntilKilled(Doors ports, Acknowledged acknowledged, int round, int enough)
      throws Exception {
    CountDownLatch changes = new CountDownLatch(enough);
    List<Future<?>> changing = new ArrayList<>();
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      for (int i = 0; i < CLIENTS; i++) {
        String name = "user-" + round + "-" + i + "-";
        changing.add(
            clients.submit(
                () -> {
                  AdministrationClient client =
                      new AdministrationClient(ports.administration(), TOKEN);
                  try {
                    for (int number = 0; ; number++) {
                      change(client, name + number, number % 3 == 2, acknowledged);
                      changes.countDown();
                    }
                  } catch (UncheckedIOException killed) {
                    // The fate of the change that was under way is unknown.
                    return null;
                  }
                }));
      }
      assertThat(changes.await(60, TimeUnit.SECONDS)).isTrue();
      kill();
      for (Future<?> each : changing) {
        each.get(60, TimeUnit.SECONDS);
      }
    }
  }

  private static void change(
      AdministrationClient client, String user, boolean revoke, Acknowledged acknowledged) {
    HttpResponse<String> made =
        client.post("/v1/admin/users", "{\"id\":\"" + user + "\",\"tier\":\"enterprise\"}");
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    acknowledged.users.add(user);
    HttpResponse<String> key = client.post("/v1/admin/users/" + user + "/keys", "{}");
    assertThat(key.statusCode()).as(key.body()).isEqualTo(201);
    String id = text(key, "id");
    acknowledged.ids.put(user, id);
    acknowledged.keys.put(user, text(key, "key"));
    if (revoke) {
      // Until the answer is there it may be either.
      acknowledged.keys.remove(user);
      HttpResponse<String> revoked = client.send("DELETE", "/v1/admin/keys/" + id, "");
      assertThat(revoked.statusCode()).as(revoked.body()).isEqualTo(200);
      acknowledged.revoked.add(user);
    }
  }

  private static void verify(Doors ports, Acknowledged acknowledged) {
    AdministrationClient administration = new AdministrationClient(ports.administration(), TOKEN);
    Map<String, Integer> audit = audit(administration);
    audit.forEach((entry, times) -> assertThat(times).as(entry).isEqualTo(1));
    Set<String> users = users(administration);

    assertThat(users).containsAll(acknowledged.users);
    try (HttpClient gateway = HttpClient.newHttpClient()) {
      acknowledged.keys.forEach(
          (user, key) -> {
            HttpResponse<String> answer = get(gateway, ports.gateway(), "/test", key);
            assertThat(answer.statusCode()).as("%s: %s", user, answer.body()).isEqualTo(200);
            assertThat(answer.body()).contains("\"user_id\":\"" + user + "\"");
          });
    }
    for (String user : users) {
      HttpResponse<String> keys = administration.get("/v1/admin/users/" + user + "/keys");
      List<String> ids = texts(keys, "id");
      String known = acknowledged.ids.get(user);
      if (known != null) {
        assertThat(ids).as(user).containsExactly(known);
      }
      boolean revoked = keys.body().contains("\"inForce\":false");
      if (acknowledged.revoked.contains(user)) {
        assertThat(revoked).as(keys.body()).isTrue();
      }
      // What is there has its entry, acknowledged or not.
      assertThat(audit).containsKey("user.create " + user);
      ids.forEach(id -> assertThat(audit).containsKey("key.create " + id));
      assertThat(audit.containsKey("key.revoke " + String.join("", ids)))
          .as(keys.body())
          .isEqualTo(revoked);
    }
    // And nothing has an entry that is not there.
    assertThat(audit.keySet().stream().filter(entry -> entry.startsWith("user.create ")))
        .hasSameSizeAs(users);
  }

  /** The users that the administration made. */
  private static Set<String> users(AdministrationClient administration) {
    Set<String> users = new HashSet<>();
    String after = "";
    do {
      HttpResponse<String> page = administration.get("/v1/admin/users?max=500&after=" + after);
      texts(page, "id").stream().filter(id -> id.startsWith("user-")).forEach(users::add);
      after = texts(page, "next").stream().findFirst().orElse("");
    } while (!after.isEmpty());
    return users;
  }

  /** How often the trail has each change. */
  private static Map<String, Integer> audit(AdministrationClient administration) {
    Map<String, Integer> audit = new HashMap<>();
    long before = Long.MAX_VALUE;
    List<String> actions;
    do {
      HttpResponse<String> page = administration.get("/v1/admin/audit?max=500&before=" + before);
      assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
      actions = texts(page, "action");
      List<String> targets = texts(page, "target");
      assertThat(targets).hasSameSizeAs(actions);
      for (int i = 0; i < actions.size(); i++) {
        audit.merge(actions.get(i) + " " + targets.get(i), 1, Integer::sum);
      }
      before = AdministrationClient.numbers(page, "number").stream().min(Long::compare).orElse(0L);
    } while (actions.size() == 500);
    return audit;
  }

  private static HttpResponse<String> get(HttpClient client, int port, String path, String key) {
    String[] headers = key.isEmpty() ? new String[0] : new String[] {"X-API-Key", key};
    HttpRequest.Builder request = Loopback.request(port, "GET", path, "", headers);
    return Loopback.send(client, request.timeout(Duration.ofSeconds(20)));
  }
}
