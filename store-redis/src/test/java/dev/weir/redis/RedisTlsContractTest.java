// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Store;
import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.redis.fixtures.TestCertificates;
import dev.weir.testkit.ManualTimeSource;
import dev.weir.testkit.RateLimiterContract;
import dev.weir.testkit.StoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Over mutual TLS, as a user who may do nothing but what the store needs, the contract holds. */
@Timeout(300)
final class RedisTlsContractTest {
  @TempDir private static Path folder;
  private static TestCertificates certificates;
  private static RedisProcess redis;
  private static SharedStore shared;

  @BeforeAll
  static void start() throws IOException {
    certificates = TestCertificates.in(folder);
    redis =
        RedisProcess.builder()
            .mutualTls(certificates)
            .password("administrator")
            .user("weir", documentedRules())
            .start();
    shared = new SharedStore(options(), List.of(redis));
  }

  /** What docs/redis.md tells operators to grant. */
  private static String[] documentedRules() throws IOException {
    String text = Files.readString(Path.of("..", "docs", "redis.md"));
    int from = text.indexOf("ACL SETUSER weir ") + "ACL SETUSER weir ".length();
    String rules = text.substring(from, text.indexOf("```", from)).replace(">password", ">secret");
    return rules.strip().split("\\s+");
  }

  @AfterAll
  static void end() {
    List<String> denied =
        redis.cli("ACL", "LOG").list().stream()
            .map(Object::toString)
            .filter(entry -> entry.contains("reason, command"))
            .toList();
    shared.close();
    redis.close();
    assertThat(denied).isEmpty();
  }

  private static RedisOptions options() {
    return RedisOptions.of(redis.url("weir", "secret"))
        .ca(certificates.ca())
        .certificate(certificates.clientCertificate(), certificates.clientKey());
  }

  @Nested
  final class AStore implements StoreContract {
    @Override
    public int traces() {
      return 200;
    }

    @Override
    public Store create(ManualTimeSource clock) {
      return shared.on(clock);
    }
  }

  @Nested
  final class ALimiter implements RateLimiterContract {
    @Override
    public Store create(ManualTimeSource clock) {
      return shared.on(clock);
    }
  }

  /** A handshake takes its time on a busy machine. */
  private static void awaitError(RedisStore store) throws InterruptedException {
    for (int i = 0; i < 60 && store.health().error().isEmpty(); i++) {
      assertThat(store.awaitConnected(Duration.ofMillis(500))).isFalse();
    }
    assertThat(store.health().error()).isPresent();
  }

  @Test
  void connect_withoutACertificate_isRefused() throws Exception {
    RedisOptions without = RedisOptions.of(redis.url("weir", "secret")).ca(certificates.ca());
    try (RedisStore store = RedisStore.create(without)) {
      assertThat(store.awaitConnected(Duration.ofMillis(500))).isFalse();
      awaitError(store);
    }
  }

  @Test
  void connect_serverOfAnotherAuthority_isRefused() throws Exception {
    TestCertificates others = TestCertificates.in(Files.createDirectory(folder.resolve("others")));
    try (RedisStore store = RedisStore.create(options().ca(others.ca()))) {
      assertThat(store.awaitConnected(Duration.ofMillis(500))).isFalse();
      awaitError(store);
    }
  }

  @Test
  void connect_wrongPassword_isRefusedWithoutSayingIt() throws Exception {
    RedisOptions wrong =
        RedisOptions.of(redis.url("weir", "guessed"))
            .ca(certificates.ca())
            .certificate(certificates.clientCertificate(), certificates.clientKey());
    try (RedisStore store = RedisStore.create(wrong)) {
      assertThat(store.awaitConnected(Duration.ofMillis(500))).isFalse();
      awaitError(store);
      assertThat(store.health().toString()).doesNotContain("guessed");
    }
  }
}
