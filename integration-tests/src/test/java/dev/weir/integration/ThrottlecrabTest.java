// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.redis.fixtures.Ports;
import dev.weir.server.Configuration;
import dev.weir.server.WeirServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.ProtocolKeyword;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same questions to a real throttlecrab and to Weir, where the program is at hand ({@code
 * throttlecrab-server} on the path, or named by {@code THROTTLECRAB}): flag, limit and remaining
 * are the same. Its seconds are not compared: it counts a bucket as full later than it is, and
 * rounds down.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class ThrottlecrabTest {

  private static final long SEED = 3;

  private enum Keyword implements ProtocolKeyword {
    THROTTLE;

    @Override
    public byte[] getBytes() {
      return name().getBytes(StandardCharsets.US_ASCII);
    }
  }

  private static Optional<String> program() {
    return Optional.ofNullable(System.getenv("THROTTLECRAB"))
        .or(
            () ->
                Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                    .map(directory -> Path.of(directory, "throttlecrab-server"))
                    .filter(Files::isExecutable)
                    .map(Path::toString)
                    .findFirst());
  }

  private static List<Object> ask(
      StatefulRedisConnection<String, String> connection, String key, int burst, int quantity) {
    return connection
        .sync()
        .dispatch(
            Keyword.THROTTLE,
            new ArrayOutput<>(StringCodec.UTF8),
            new CommandArgs<>(StringCodec.UTF8).add(key).add(burst).add(1).add(1_000).add(quantity))
        .subList(0, 3);
  }

  @Test
  void questions_areAnsweredAlike(@TempDir Path folder) throws Exception {
    assumeTrue(program().isPresent(), "throttlecrab-server not found");
    int port = Ports.free();
    Path file = folder.resolve("weir.yaml");
    Files.writeString(
        file,
        "version: 1\npolicies: none\n"
            + "listeners: [{ name: resp, host: 127.0.0.1, port: 0, serves: [resp] }]\n");
    Process crab =
        new ProcessBuilder(
                program().get(),
                "--redis",
                "--redis-host",
                "127.0.0.1",
                "--redis-port",
                Integer.toString(port))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("throttlecrab.log").toFile())
            .start();
    try (WeirServer weir = WeirServer.start(Configuration.read(file, Map.of()))) {
      awaitPort(port);
      compare(port, weir.ports().values().iterator().next());
    } finally {
      crab.destroy();
      assertThat(crab.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static void compare(int crabPort, int weirPort) {
    SplittableRandom random = new SplittableRandom(SEED);
    RedisClient crabClient = client(crabPort);
    RedisClient weirClient = client(weirPort);
    try (StatefulRedisConnection<String, String> crab = crabClient.connect();
        StatefulRedisConnection<String, String> weir = weirClient.connect()) {
      for (int i = 0; i < 500; i++) {
        String key = "key-" + i;
        // With 1 it forgets a key at once, and so limits nothing.
        int burst = random.nextInt(2, 20);
        for (int j = 0; j < 10; j++) {
          int quantity = random.nextInt(1, 8);
          assertThat(ask(weir, key, burst, quantity))
              .as("seed %d key %d question %d of %d", SEED, i, j, quantity)
              .isEqualTo(ask(crab, key, burst, quantity));
        }
      }
    } finally {
      crabClient.shutdown();
      weirClient.shutdown();
    }
  }

  /** It knows no HELLO. */
  private static RedisClient client(int port) {
    RedisClient client = RedisClient.create("redis://127.0.0.1:" + port);
    client.setOptions(
        io.lettuce.core.ClientOptions.builder()
            .protocolVersion(io.lettuce.core.protocol.ProtocolVersion.RESP2)
            .build());
    return client;
  }

  private static void awaitPort(int port) throws IOException, InterruptedException {
    for (int i = 0; i < 200; i++) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress("127.0.0.1", port), 100);
        return;
      } catch (IOException notYet) {
        Thread.sleep(50);
      }
    }
    throw new IOException("nothing listens on " + port);
  }
}
