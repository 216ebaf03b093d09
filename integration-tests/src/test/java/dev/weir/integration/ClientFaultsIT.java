// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.client.Answer;
import dev.weir.client.Check;
import dev.weir.client.Fallback;
import dev.weir.client.Trouble;
import dev.weir.client.WeirClient;
import dev.weir.redis.fixtures.Ports;
import dev.weir.redis.fixtures.RequiresProgram;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Java client against a process that is killed, stopped and overloaded. */
@RequiresProgram({"bash", "kill"})
@Timeout(300)
final class ClientFaultsIT {

  private static final Path PROGRAM =
      Path.of(System.getProperty("weir.home")).toAbsolutePath().resolve("bin/weir");
  private static final Duration PATIENT = Duration.ofSeconds(40);
  private static final int THREADS = 4;

  private static final String CONFIGURATION =
      """
      version: 1
      listeners: [{ name: api, host: 127.0.0.1, port: %d, serves: [api] }]
      http: { max-connections-per-address: %d }
      policies:
        - { name: per-user, domain: api, key: user, limits: [{ name: q, rate: 1000 per day fixed }] }
      """;

  @TempDir private Path folder;
  private int port;
  private Process server;

  @BeforeEach
  void choosePort() {
    port = Ports.free();
  }

  @AfterEach
  void end() throws InterruptedException {
    if (server != null) {
      server.destroyForcibly();
      assertThat(server.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void serverKilledUnderLoad_everyCheckIsAnswered_andDecidedAgainOnceItIsBack() throws Exception {
    start(1_000);
    AtomicInteger decided = new AtomicInteger();
    AtomicInteger left = new AtomicInteger();
    AtomicBoolean back = new AtomicBoolean();
    try (WeirClient client = client().deadline(Duration.ofSeconds(5)).build();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      assertThat(client.check(user("first"), PATIENT).get().decided()).isTrue();
      List<Future<?>> load = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        String name = "user-" + i;
        load.add(
            threads.submit(
                () -> {
                  while (!back.get()) {
                    Answer answer = client.check(user(name)).join();
                    (answer.decided() ? decided : left).incrementAndGet();
                  }
                }));
      }
      await().atMost(PATIENT).until(() -> decided.get() > 200);
      server.destroyForcibly();
      assertThat(server.waitFor(20, TimeUnit.SECONDS)).isTrue();
      await().atMost(PATIENT).until(() -> left.get() > 200);
      start(1_000);
      int before = decided.get();
      await().atMost(PATIENT).until(() -> decided.get() > before + 200);
      back.set(true);
      for (Future<?> each : load) {
        each.get(30, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void serverThatStops_leavesNoCheckOpen_andWhatItAdmitsLaterIsGivenBack() throws Exception {
    start(1_000);
    try (WeirClient client = client().maxUnderWay(50).patience(PATIENT).build()) {
      assertThat(client.check(user("s").cost(0), PATIENT).get().remaining()).hasValue(1_000);
      signal("STOP");
      // The first is not to be late before the last has been asked.
      List<Answer> answers = all(client, 200, Duration.ofSeconds(2));
      assertThat(answers.stream().filter(answer -> is(answer, Trouble.OVERLOADED))).hasSize(150);
      assertThat(answers.stream().filter(answer -> is(answer, Trouble.LATE))).hasSize(50);
      signal("CONT");
      await().atMost(PATIENT).until(() -> client.check(user("s").cost(0), PATIENT).get().decided());
      await()
          .atMost(PATIENT)
          .until(
              () -> client.check(user("s").cost(0), PATIENT).get().remaining().orElse(0) == 1_000);
    }
  }

  @Test
  void serverThatTakesFewConnections_answersByThose_andTheRestIsTheFallbacks() throws Exception {
    start(1);
    try (WeirClient client =
        client().connections(16).maxBatch(1).window(Duration.ZERO).deadline(PATIENT).build()) {
      // The port was probed on connections of its own.
      await().atMost(PATIENT).until(() -> client.check(user("o")).get().decided());
      List<Answer> answers = all(client, 300, PATIENT);
      assertThat(answers).anyMatch(Answer::decided);
      assertThat(answers).allMatch(answer -> answer.decided() || is(answer, Trouble.UNREACHABLE));
    }
  }

  private static boolean is(Answer answer, Trouble trouble) {
    return answer.trouble().filter(trouble::equals).isPresent();
  }

  private static List<Answer> all(WeirClient client, int count, Duration deadline) {
    List<CompletableFuture<Answer>> futures =
        IntStream.range(0, count).mapToObj(i -> client.check(user("s"), deadline)).toList();
    return futures.stream().map(CompletableFuture::join).toList();
  }

  private static Check user(String name) {
    return Check.of("api", "user", name);
  }

  private WeirClient.Builder client() {
    return WeirClient.builder(URI.create("http://127.0.0.1:" + port)).fallback(Fallback.CLOSED);
  }

  private void start(int connections) throws IOException {
    Path file = folder.resolve("weir.yaml");
    Files.writeString(file, CONFIGURATION.formatted(port, connections));
    ProcessBuilder builder =
        new ProcessBuilder(PROGRAM.toString(), "serve", "--config", file.toString());
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("WEIR_") && !name.endsWith("JAVA_HOME"));
    Path log = folder.resolve("server.log");
    server = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    await()
        .atMost(PATIENT)
        .until(
            () -> {
              assertThat(server.isAlive()).as(Files.readString(log)).isTrue();
              return accepts();
            });
  }

  private boolean accepts() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private void signal(String name) throws Exception {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(server.pid())).inheritIO().start();
    assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(kill.exitValue()).isZero();
  }
}
