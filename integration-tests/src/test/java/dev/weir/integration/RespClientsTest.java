// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.redis.fixtures.RequiresProgram;
import dev.weir.redis.fixtures.TestCertificates;
import dev.weir.server.Configuration;
import dev.weir.server.WeirServer;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SslOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.ProtocolKeyword;
import io.lettuce.core.protocol.ProtocolVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real clients of Redis speak to a server, in memory and on Redis, in plain text and over TLS. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class RespClientsTest {

  private static final String TOKEN = "0123456789abcdef-token";
  private static final AtomicInteger KEYS = new AtomicInteger();

  private static final String LISTENERS =
      """
      version: 1
      %3$s
      listeners:
        - { name: plain, host: 127.0.0.1, port: 0, serves: [resp] }
        - name: guarded
          host: 127.0.0.1
          port: 0
          serves: [resp]
          tokens: [{ sha256: %4$s, scopes: [check, override] }]
          tls: { certificate: "%1$s", private-key: "%2$s" }
      policies:
        - { name: per-user, domain: shop, key: user, limits: [{ name: l, rate: 3 per 1000 s }] }
      """;

  private static final String PYTHON =
      """
      import sys, redis
      from redis.backoff import NoBackoff
      from redis.retry import Retry
      port, guarded, ca, token, key = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:6]
      for protocol in (2, 3):
          for options in (
              dict(port=port),
              dict(port=guarded, password=token, ssl=True, ssl_ca_certs=ca),
              dict(port=guarded, username="me", password=token, ssl=True, ssl_ca_certs=ca),
          ):
              client = redis.Redis(host="localhost", protocol=protocol, client_name="py", **options)
              assert client.ping()
              key += "+"
              assert client.execute_command("CL.THROTTLE", key, 4, 1, 1000) == [0, 5, 4, -1, 1000]
              assert client.execute_command("THROTTLE", key, 5, 1, 1000) == [1, 5, 3, 2000, 0]
              assert client.execute_command("WEIR.CHECK", "per-user", key)[:3] == [1, 3, 2]
              pipeline = client.pipeline(transaction=False)
              for i in range(500):
                  pipeline.execute_command("THROTTLE", key + str(i), i + 1, 1, 1000)
              assert [answer[2] for answer in pipeline.execute()] == list(range(500))
              try:
                  client.execute_command("THROTTLE", key, "x", 1, 1000)
                  sys.exit("no error")
              except redis.ResponseError as error:
                  assert "invalid max_burst" in str(error), error
              client.close()
      try:
          redis.Redis(host="localhost", port=guarded, ssl=True, ssl_ca_certs=ca,
                      password="wrong", retry=Retry(NoBackoff(), 0)).ping()
          sys.exit("let in")
      except redis.AuthenticationError:
          print("done")
      """;

  /** Where the limits are. */
  enum Store {
    MEMORY,
    REDIS
  }

  @TempDir static Path folder;
  private static TestCertificates certificates;
  private static RedisProcess redis;
  private static WeirServer inMemory;
  private static WeirServer onRedis;

  @BeforeAll
  static void start() throws Exception {
    certificates = TestCertificates.in(folder);
    redis = RedisProcess.start();
    inMemory = start("memory", "");
    onRedis = start("redis", "store: { redis: { url: \"" + redis.url() + "\", timeout: 5s } }");
  }

  private static WeirServer start(String name, String store) throws Exception {
    Path file = folder.resolve(name + ".yaml");
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(TOKEN.getBytes(StandardCharsets.UTF_8));
    Files.writeString(
        file,
        LISTENERS.formatted(
            certificates.serverCertificate(),
            certificates.serverKey(),
            store,
            HexFormat.of().formatHex(digest)));
    return WeirServer.start(Configuration.read(file, Map.of()));
  }

  @AfterAll
  static void stop() {
    inMemory.close();
    onRedis.close();
    redis.close();
  }

  private static int port(Store store, String listener) {
    WeirServer server = store == Store.MEMORY ? inMemory : onRedis;
    Integer port = server.ports().get(listener);
    assertThat(port).isNotNull();
    return port;
  }

  private static String key() {
    return "key-" + KEYS.incrementAndGet();
  }

  private static String output(String input, String... command)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(output).isZero();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }

  private static String[] redisCli(Store store, boolean guarded, boolean third) {
    List<String> command = new ArrayList<>(List.of("redis-cli", "-h", "localhost"));
    command.addAll(List.of("-p", Integer.toString(port(store, guarded ? "guarded" : "plain"))));
    if (guarded) {
      command.addAll(List.of("--tls", "--cacert", certificates.ca().toString()));
      command.addAll(List.of("--no-auth-warning", "-a", TOKEN));
    }
    if (third) {
      command.add("-3");
    }
    return command.toArray(String[]::new);
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  @RequiresProgram("redis-cli")
  @DisplayName("redis-cli asks")
  void redisCli_inAllItsWays_isAnswered(Store store) throws Exception {
    for (int i = 0; i < 4; i++) {
      String key = key();
      String output =
          output(
              "PING\nCL.THROTTLE %1$s 4 1 1000\nTHROTTLE %1$s 5 1 1000 9\nNOPE\nCOMMAND COUNT\n"
                  .formatted(key),
              redisCli(store, i / 2 == 1, i % 2 == 1));
      assertThat(output.lines().filter(line -> !line.isEmpty()).toList())
          .startsWith("PONG", "0", "5", "4", "-1", "1000", "0", "5", "4", "1000", "-1")
          .contains("ERR unknown command 'NOPE', with args beginning with: ")
          .endsWith("14");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 64})
  @RequiresProgram("redis-benchmark")
  @DisplayName("redis-benchmark asks")
  void redisBenchmark_withAndWithoutAPipeline_isAnswered(int pipeline) throws Exception {
    for (Store store : Store.values()) {
      String output =
          output(
              "",
              "redis-benchmark",
              "-h",
              "127.0.0.1",
              "-p",
              Integer.toString(port(store, "plain")),
              "-n",
              "20000",
              "-c",
              "20",
              "-r",
              "1000",
              "-P",
              Integer.toString(pipeline),
              "-q",
              "THROTTLE",
              "bench:__rand_int__",
              "100",
              "10",
              "1");
      assertThat(output).contains("requests per second").doesNotContain("rror", "WARNING");
    }
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  @RequiresProgram("python3-redis")
  @DisplayName("redis-py asks")
  void redisPy_inBothVersions_isAnswered(Store store) throws Exception {
    Path script = folder.resolve("client.py");
    Files.writeString(script, PYTHON);
    String output =
        output(
            "",
            "python3-redis",
            script.toString(),
            Integer.toString(port(store, "plain")),
            Integer.toString(port(store, "guarded")),
            certificates.ca().toString(),
            TOKEN,
            key());
    assertThat(output).endsWith("done\n");
  }

  /** Commands that Lettuce does not know. */
  private enum Keyword implements ProtocolKeyword {
    CL_THROTTLE("CL.THROTTLE"),
    THROTTLE("THROTTLE");

    private final String word;

    Keyword(String word) {
      this.word = word;
    }

    @Override
    public byte[] getBytes() {
      return word.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
      return word;
    }
  }

  private static RedisFuture<List<Object>> ask(
      StatefulRedisConnection<String, String> connection, Keyword keyword, String key, int burst) {
    return connection
        .async()
        .dispatch(
            keyword,
            new ArrayOutput<>(StringCodec.UTF8),
            new CommandArgs<>(StringCodec.UTF8).addKey(key).add(burst).add(1).add(1_000));
  }

  private static void askWithLettuce(RedisURI uri, ProtocolVersion version) throws Exception {
    RedisClient client = RedisClient.create(uri);
    try {
      client.setOptions(
          ClientOptions.builder()
              .protocolVersion(version)
              .sslOptions(SslOptions.builder().trustManager(certificates.ca().toFile()).build())
              .build());
      try (StatefulRedisConnection<String, String> connection = client.connect()) {
        assertThat(connection.sync().ping()).isEqualTo("PONG");
        assertThat(ask(connection, Keyword.CL_THROTTLE, key(), 4).get())
            .containsExactly(0L, 5L, 4L, -1L, 1_000L);
        List<RedisFuture<List<Object>>> answers = new ArrayList<>();
        for (int i = 1; i <= 2_000; i++) {
          answers.add(ask(connection, Keyword.THROTTLE, key(), i));
        }
        for (int i = 1; i <= 2_000; i++) {
          assertThat(answers.get(i - 1).get()).containsExactly(1L, (long) i, i - 1L, 1_000L, 0L);
        }
      }
    } finally {
      client.shutdown();
    }
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void lettuce_inBothVersions_isAnswered(Store store) throws Exception {
    for (ProtocolVersion version : ProtocolVersion.values()) {
      askWithLettuce(RedisURI.create("redis://localhost:" + port(store, "plain")), version);
      askWithLettuce(
          RedisURI.builder()
              .withHost("localhost")
              .withPort(port(store, "guarded"))
              .withSsl(true)
              .withPassword(TOKEN.toCharArray())
              .build(),
          version);
    }
  }
}
