// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.redis.fixtures.RequiresProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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
 * Two processes of Weir behind HAProxy, as the script starts them. Clients are told apart by their
 * address, of which the loopback network has many; the instance that is killed comes last.
 */
@RequiresProgram({"bash", "haproxy"})
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(120)
final class HaproxyIT {

  private static final Path DISTRIBUTION =
      Path.of(System.getProperty("weir.home")).toAbsolutePath();
  private static final Path ROOT = DISTRIBUTION.resolve("../../../..").normalize();
  private static final int LIMIT = 100;
  private static final int CLIENTS = 20;
  private static final int REQUESTS_EACH = 20;

  @TempDir private static Path folder;
  private static RedisProcess redis;
  private static Process script;
  private static int port;
  private static int[] administrations;

  @BeforeAll
  static void start() throws IOException {
    redis = RedisProcess.start();
    int[] ports = freePorts(5);
    port = ports[0];
    ProcessBuilder builder =
        new ProcessBuilder("bash", ROOT.resolve("examples/topologies/haproxy/start").toString());
    builder.environment().put("WEIR", DISTRIBUTION.resolve("bin/weir").toString());
    builder.environment().put("PORT", Integer.toString(port));
    builder.environment().put("PORTS", ports[1] + " " + ports[2]);
    administrations = new int[] {ports[3], ports[4]};
    builder.environment().put("ADMIN_PORTS", ports[3] + " " + ports[4]);
    builder.environment().put("WEIR_ADMIN_TOKEN", "a-token-for-this-test-and-no-other-0123456789");
    builder.environment().put("REDIS_HOST", "127.0.0.1");
    builder.environment().put("REDIS_PORT", Integer.toString(redis.port()));
    builder.environment().put("WEIR_REDIS_TIMEOUT", "5s");
    builder.environment().put("FOLDER", folder.toString());
    builder.environment().put("LIMIT", Integer.toString(LIMIT));
    builder.redirectErrorStream(true).redirectOutput(folder.resolve("start.log").toFile());
    script = builder.start();
    await()
        .atMost(Duration.ofSeconds(90))
        .until(
            () ->
                !script.isAlive()
                    || Files.readString(folder.resolve("start.log")).contains("two instances"));
    assertThat(script.isAlive()).as(Files.readString(folder.resolve("start.log"))).isTrue();
  }

  @AfterAll
  static void stop() throws InterruptedException {
    List<ProcessHandle> started = script == null ? List.of() : script.descendants().toList();
    if (script != null) {
      script.destroy();
      assertThat(script.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
    if (redis != null) {
      redis.close();
    }
    assertThat(started).noneMatch(ProcessHandle::isAlive);
  }

  @Test
  @Order(1)
  void roundRobin_bothInstancesCountTogether() throws Exception {
    try (HttpClient client = client("127.0.0.2")) {
      String before = "";
      for (int left = LIMIT - 1; left >= LIMIT - 6; left--) {
        HttpResponse<String> answer = get(client);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
            .isEqualTo("{\"client\":\"127.0.0.2\",\"remaining\":" + left + "}");
        String instance = answer.headers().firstValue("X-Served-By").orElseThrow();
        assertThat(instance).isIn("weir-1", "weir-2").isNotEqualTo(before);
        before = instance;
      }
    }
  }

  @Test
  @Order(2)
  void forwardedAddress_ofAClient_isNotBelieved() throws Exception {
    try (HttpClient client = client("127.0.0.3")) {
      for (String forged : List.of("6.6.6.6", "6.6.6.6, 127.0.0.1", "127.0.0.1")) {
        HttpResponse<String> answer = get(client, "X-Forwarded-For", forged);
        assertThat(answer.body()).contains("\"client\":\"127.0.0.3\"");
      }
    }
  }

  @Test
  @Order(2)
  void administration_isOnLoopbackPortsOfItsOwn_andNotBehindTheProxy() throws Exception {
    try (HttpClient client = client("127.0.0.1")) {
      for (int administration : administrations) {
        assertThat(get(client, administration, "/v1/admin/users").statusCode()).isEqualTo(401);
      }
      assertThat(get(client, port, "/v1/admin/users").statusCode()).isEqualTo(404);
    }
  }

  @Test
  @Order(3)
  void crowd_ofOneAddress_isAdmittedExactlyTheLimit_andAnotherIsServed() throws Exception {
    Tally tally = new Tally();
    crowd("127.0.0.4", tally, () -> {});
    assertThat(tally.failed).isEmpty();
    assertThat(tally.admitted).hasValue(LIMIT);
    assertThat(tally.denied).hasValue(CLIENTS * REQUESTS_EACH - LIMIT);
    assertThat(tally.instances).containsExactly("weir-1", "weir-2");
    try (HttpClient other = client("127.0.0.5")) {
      assertThat(get(other).statusCode()).isEqualTo(200);
    }
  }

  /** What was admitted is counted; a request that an instance died on is asked again. */
  @Test
  @Order(4)
  void instanceKilledUnderLoad_theOtherGoesOn_andNobodyPassesTheLimit() throws Exception {
    long victim = Long.parseLong(Files.readString(folder.resolve("weir-2.pid")).strip());
    Tally tally = new Tally();
    crowd(
        "127.0.0.6",
        tally,
        () ->
            ProcessHandle.of(victim)
                .ifPresent(
                    process -> {
                      process.descendants().forEach(ProcessHandle::destroyForcibly);
                      process.destroyForcibly();
                    }));
    assertThat(ProcessHandle.of(victim).filter(ProcessHandle::isAlive)).isEmpty();
    // Each client has one request under way.
    assertThat(tally.failed).hasSizeLessThanOrEqualTo(CLIENTS);
    assertThat(tally.admitted.get()).isBetween(LIMIT - CLIENTS, LIMIT);
    try (HttpClient after = client("127.0.0.7")) {
      for (int i = 0; i < 30; i++) {
        HttpResponse<String> answer = get(after);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("X-Served-By")).hasValue("weir-1");
      }
    }
  }

  private static final class Tally {
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger admitted = new AtomicInteger();
    final AtomicInteger denied = new AtomicInteger();
    final Set<String> failed = new ConcurrentSkipListSet<>();
    final Set<String> instances = new ConcurrentSkipListSet<>();
  }

  /** Many clients at once of one address; the action happens once some have been answered. */
  private static void crowd(String address, Tally tally, Runnable action) throws Exception {
    CyclicBarrier together = new CyclicBarrier(CLIENTS);
    try (HttpClient client = client(address);
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      for (int i = 0; i < CLIENTS; i++) {
        int number = i;
        clients.submit(
            () -> {
              together.await();
              for (int request = 0; request < REQUESTS_EACH; request++) {
                ask(client, number + "/" + request, tally);
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

  private static void ask(HttpClient client, String name, Tally tally) {
    try {
      HttpResponse<String> answer = get(client);
      if (answer.statusCode() == 200) {
        tally.admitted.incrementAndGet();
      } else if (answer.statusCode() == 429) {
        tally.denied.incrementAndGet();
      } else {
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

  private static HttpResponse<String> get(HttpClient client, String... headers) {
    return get(client, port, "/test", headers);
  }

  private static HttpResponse<String> get(
      HttpClient client, int at, String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static int[] freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      Set<Integer> ports = new TreeSet<>();
      while (ports.size() < count) {
        ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        sockets.add(socket);
        ports.add(socket.getLocalPort());
      }
      return ports.stream().mapToInt(Integer::intValue).toArray();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }
}
