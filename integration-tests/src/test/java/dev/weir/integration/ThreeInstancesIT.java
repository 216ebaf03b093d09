// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.Loopback;
import dev.weir.redis.fixtures.Ports;
import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.redis.fixtures.RequiresProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
 * Profile B as its script starts it: nginx, three processes of Weir behind it, and one Redis. The
 * instance that is killed comes last.
 */
@RequiresProgram({"bash", "nginx"})
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(300)
final class ThreeInstancesIT {

  private static final int LIMIT = 100;
  private static final int CLIENTS = 50;
  private static final int REQUESTS_EACH = 20;

  @TempDir private static Path folder;
  private static RedisProcess redis;
  private static TopologyScript script;
  private static int port;
  private static int[] instances;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeAll
  static void start() throws IOException {
    redis = RedisProcess.start();
    int[] ports = Ports.free(4);
    port = ports[0];
    instances = new int[] {ports[1], ports[2], ports[3]};
    script =
        TopologyScript.start(
            "three-instances", folder, ThreeInstancesIT::variables, "three instances");
  }

  private static void variables(Map<String, String> environment) {
    environment.put("PORT", Integer.toString(port));
    environment.put("PORTS", instances[0] + " " + instances[1] + " " + instances[2]);
    environment.put("REDIS_HOST", "127.0.0.1");
    environment.put("REDIS_PORT", Integer.toString(redis.port()));
    environment.put("WEIR_REDIS_TIMEOUT", "5s");
    environment.put("RATE_LIMIT_REQUESTS", Integer.toString(LIMIT));
    environment.put("RATE_LIMIT_WINDOW", "3600");
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
  void roundRobin_allInstancesCountTogether() throws Exception {
    for (int left = LIMIT - 1; left >= LIMIT - 6; left--) {
      HttpResponse<String> answer = get(port, "/api/data?user_id=together");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("X-RateLimit-Remaining"))
          .hasValue(Integer.toString(left));
    }
    for (int instance : instances) {
      assertThat(get(instance, "/stats/together").body()).contains("\"requests_made\":6,");
      assertThat(get(instance, "/health").statusCode()).isEqualTo(200);
    }
  }

  @Test
  @Order(2)
  void crowd_ofOneUser_isAdmittedExactlyTheLimit() throws Exception {
    Tally tally = new Tally();
    crowd("crowd", tally, () -> {});
    assertThat(tally.failed).isEmpty();
    assertThat(tally.admitted).hasValue(LIMIT);
    assertThat(tally.denied).hasValue(CLIENTS * REQUESTS_EACH - LIMIT);
  }

  /**
   * A killed instance takes no more with it than what it was working on: each client has one
   * request under way. What was admitted is counted, and nobody is admitted twice for it.
   */
  @Test
  @Order(3)
  void instanceKilledUnderLoad_failsNoMoreThanItsOwnRequests_andLosesNoCount() throws Exception {
    long victim = Long.parseLong(Files.readString(folder.resolve("weir-2.pid")).strip());
    Tally tally = new Tally();
    crowd(
        "killed",
        tally,
        () ->
            ProcessHandle.of(victim)
                .ifPresent(
                    process -> {
                      process.descendants().forEach(ProcessHandle::destroyForcibly);
                      process.destroyForcibly();
                    }));
    assertThat(ProcessHandle.of(victim).filter(ProcessHandle::isAlive)).isEmpty();
    assertThat(tally.failed).hasSizeLessThanOrEqualTo(CLIENTS);
    // A request that the instance had counted and not answered is counted again elsewhere.
    assertThat(tally.admitted.get()).isBetween(LIMIT - CLIENTS, LIMIT);
    for (int instance : new int[] {instances[0], instances[2]}) {
      assertThat(get(instance, "/stats/killed").body())
          .contains("\"requests_made\":" + LIMIT + ",", "\"requests_remaining\":0");
    }
    for (int i = 0; i < 30; i++) {
      assertThat(get(port, "/api/data?user_id=after").statusCode()).isEqualTo(200);
    }
  }

  private static final class Tally {
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger admitted = new AtomicInteger();
    final AtomicInteger denied = new AtomicInteger();
    final Set<String> failed = new ConcurrentSkipListSet<>();
  }

  /**
   * Many clients at once, each on its own thread; the action happens once some have been answered.
   */
  private void crowd(String user, Tally tally, Runnable action) throws Exception {
    CyclicBarrier together = new CyclicBarrier(CLIENTS);
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      for (int i = 0; i < CLIENTS; i++) {
        int number = i;
        clients.submit(
            () -> {
              together.await();
              for (int request = 0; request < REQUESTS_EACH; request++) {
                ask(user, number + "/" + request, tally);
                if (tally.asked.incrementAndGet() == LIMIT / 2) {
                  action.run();
                }
              }
              return null;
            });
      }
      clients.shutdown();
      assertThat(clients.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(tally.asked).hasValue(CLIENTS * REQUESTS_EACH);
  }

  private void ask(String user, String name, Tally tally) {
    try {
      int status = get(port, "/api/data?user_id=" + user).statusCode();
      if (status == 200) {
        tally.admitted.incrementAndGet();
      } else if (status == 429) {
        tally.denied.incrementAndGet();
      } else {
        tally.failed.add(name + ": " + status);
      }
    } catch (UncheckedIOException e) {
      tally.failed.add(name + ": " + e);
    }
  }

  private HttpResponse<String> get(int at, String target) {
    return Loopback.send(client, Loopback.request(at, "GET", target, ""));
  }
}
