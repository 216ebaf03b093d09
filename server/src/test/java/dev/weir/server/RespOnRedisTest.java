// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.RedisProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The Redis protocol where the limits live in a Redis. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class RespOnRedisTest {

  private static final String TOKEN = "a-token-for-everything";

  private static TestServer start(RedisProcess redis, String timeout, String tokens) {
    return TestServer.start(
        TestConfiguration.of(
            """
            version: 1
            store: { redis: { url: "${URL}", timeout: %s } }
            listeners: [{ name: resp, port: 0, serves: [resp] %s }]
            policies:
              - { name: p, domain: d, key: k, limits: [{ name: l, rate: 3 per 1000 s }] }
            """
                .formatted(timeout, tokens),
            Map.of("URL", redis.url())));
  }

  private static TestServer start(RedisProcess redis) {
    return start(redis, "5s", "");
  }

  @Test
  void bothDialects_answerAsInMemory_andTwoServersCountTogether() throws IOException {
    try (RedisProcess redis = RedisProcess.start();
        TestServer server = start(redis);
        TestServer other = start(redis);
        RespClient client = new RespClient(server.port());
        RespClient second = new RespClient(other.port())) {
      assertThat(client.ask("CL.THROTTLE a 15 30 60")).isEqualTo("[0, 16, 15, -1, 2]");
      assertThat(client.ask("CL.THROTTLE b 4 1 1000 3")).isEqualTo("[0, 5, 2, -1, 3000]");
      assertThat(second.ask("CL.THROTTLE b 4 1 1000 3")).isEqualTo("[1, 5, 2, 1000, 3000]");
      assertThat(second.ask("CL.THROTTLE b 4 1 1000 0")).isEqualTo("[0, 5, 2, -1, 3000]");
      assertThat(second.ask("CL.THROTTLE b 4 1 1000 6")).isEqualTo("[1, 5, 2, -1, 3000]");
      assertThat(client.ask("THROTTLE b 5 1 1000")).isEqualTo("[1, 5, 1, 4000, 0]");
      assertThat(second.ask("THROTTLE b 5 1 1000 2")).isEqualTo("[0, 5, 1, 4000, 1000]");
      assertThat(second.ask("THROTTLE b 3 1 1000")).isEqualTo("[1, 3, 0, 3000, 0]");
      assertThat(client.ask("WEIR.CHECK p k 3")).startsWith("[1, 3, 0, -1, ");
      assertThat(second.ask("WEIR.CHECK p k")).startsWith("[0, 3, 0, ");
    }
  }

  @Test
  void pipeline_ofManyInFlight_isAnsweredInItsOrder() throws IOException {
    int count = 5_000;
    ByteArrayOutputStream commands = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      commands.writeBytes(RespClient.bytes("ECHO", Integer.toString(i)));
      commands.writeBytes(
          RespClient.bytes("THROTTLE", "key-" + i, Integer.toString(i + 1), "1", "1000"));
    }
    try (RedisProcess redis = RedisProcess.start();
        TestServer server = start(redis);
        RespClient client = new RespClient(server.port())) {
      client.send(commands.toByteArray());
      for (int i = 0; i < count; i++) {
        assertThat(client.read()).isEqualTo(Integer.toString(i));
        assertThat(client.read()).isEqualTo("[1, %d, %d, 1000, 0]".formatted(i + 1, i));
      }
    }
  }

  @Test
  void login_waitsForTheStore_andThePipelineForTheLogin() throws IOException {
    String tokens = ", tokens: [{ sha256: %s, scopes: [override] }]".formatted(Sha256.of(TOKEN));
    try (RedisProcess redis = RedisProcess.start();
        TestServer server = start(redis, "5s", tokens);
        RespClient client = new RespClient(server.port())) {
      client.send(
          "PING\r\nAUTH " + TOKEN + "\r\nTHROTTLE k 2 1 1000\r\nAUTH no\r\nECHO x\r\nQUIT\r\n");
      assertThat(client.read()).startsWith("-NOAUTH");
      assertThat(client.read()).isEqualTo("OK");
      assertThat(client.read()).isEqualTo("[1, 2, 1, 1000, 0]");
      assertThat(client.read()).startsWith("-WRONGPASS");
      assertThat(client.read()).isEqualTo("x");
      assertThat(client.read()).isEqualTo("OK");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void quit_behindChecks_isAnsweredAfterThem() throws IOException {
    try (RedisProcess redis = RedisProcess.start();
        TestServer server = start(redis);
        RespClient client = new RespClient(server.port())) {
      client.send("THROTTLE k 2 1 1000\r\nTHROTTLE other 3 1 1000 2\r\nQUIT\r\nPING\r\n");
      assertThat(client.read()).isEqualTo("[1, 2, 1, 1000, 0]");
      assertThat(client.read()).isEqualTo("[1, 3, 1, 2000, 0]");
      assertThat(client.read()).isEqualTo("OK");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void redisThatDoesNotAnswer_doesNotLetPipelinesPileUp() throws IOException {
    try (RedisProcess redis = RedisProcess.start();
        TestServer server = start(redis, "3s", "");
        RespClient deep = new RespClient(server.port());
        RespClient other = new RespClient(server.port())) {
      assertThat(other.ask("THROTTLE k 2 1 1000")).startsWith("[1, ");
      redis.cli("CLIENT", "PAUSE", "60000", "ALL");
      byte[] many =
          "THROTTLE deep 9000000 1 1000\r\n".repeat(2_000).getBytes(StandardCharsets.US_ASCII);
      Thread sender = Thread.ofVirtual().start(() -> sendUntilClosed(deep, many));
      // Others are served at once; what Redis does not judge, the failure policy does.
      for (int i = 0; i < 20; i++) {
        assertThat(other.ask("PING")).isEqualTo("PONG");
      }
      assertThat(other.ask("THROTTLE k 2 1 1000")).startsWith("[1, ");
      for (int i = 0; i < 5_000; i++) {
        assertThat(deep.read()).startsWith("[1, ");
      }
      deep.close();
      join(sender);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  // It ends when the connection does.
  @SuppressWarnings("EmptyCatch")
  private static void sendUntilClosed(RespClient client, byte[] bytes) {
    try {
      for (int i = 0; i < 50; i++) {
        client.send(bytes);
      }
    } catch (IOException closed) {
      // As the test wants it.
    }
  }

  @Test
  void close_answersWhatIsInFlight() throws Exception {
    try (RedisProcess redis = RedisProcess.start()) {
      TestServer server = start(redis);
      try (RespClient client = new RespClient(server.port());
          RespClient idle = new RespClient(server.port())) {
        assertThat(idle.ask("PING")).isEqualTo("PONG");
        assertThat(client.ask("THROTTLE k 9 1 1000")).startsWith("[1, ");
        redis.cli("CLIENT", "PAUSE", "700", "ALL");
        client.send(RespClient.bytes("THROTTLE", "k", "9", "1", "1000"));
        client.send(RespClient.bytes("ECHO", "done"));
        // Answered by another connection once the first was read.
        assertThat(idle.ask("PING")).isEqualTo("PONG");
        Thread closing = Thread.ofVirtual().start(server::close);
        assertThat(client.read()).isEqualTo("[1, 9, 7, 2000, 0]");
        assertThat(client.read()).isEqualTo("done");
        assertThat(client.isClosedByServer()).isTrue();
        assertThat(idle.isClosedByServer()).isTrue();
        closing.join();
      }
    }
  }
}
