// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Charge;
import dev.weir.core.CounterKey;
import dev.weir.core.Descriptor;
import dev.weir.core.Limit;
import dev.weir.core.LimitId;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.Store;
import dev.weir.core.StoreException;
import dev.weir.core.TokenBucket;
import dev.weir.core.Verdict;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class RedisKeyTest {

  private static final LimitId LIMIT = LimitId.of("api/per-user", "minute");

  private static RedisKey key(LimitId limit, String... parts) {
    ByteArrayOutputStream value = new ByteArrayOutputStream();
    for (String part : parts) {
      byte[] utf8 = part.getBytes(StandardCharsets.UTF_8);
      value.writeBytes(ByteBuffer.allocate(4).putInt(utf8.length).array());
      value.writeBytes(utf8);
    }
    return RedisKey.of(
        RedisKey.Naming.of("weir:", limit), CounterKey.of(limit, value.toByteArray()));
  }

  @Test
  void name_ofPlainText_isReadable() {
    assertThat(key(LIMIT, "42", "/orders")).hasToString("weir:{api/per-user:42:/orders}");
    assertThat(key(LIMIT)).hasToString("weir:{api/per-user}");
  }

  @Test
  void rule18_differentParts_neverShareAName() {
    Set<String> names = new HashSet<>();
    String[][] values = {
      {"a", "b"},
      {"a:b"},
      {"a%3Ab"},
      {"a", "b", ""},
      {"", "a", "b"},
      {"ab"},
      {"a}b"},
      {"a{b"},
      {"~ab"},
      {"a", "b~"},
      {"x".repeat(300)},
      {"x".repeat(299) + "y"},
      {"x".repeat(300), ""}
    };
    for (String[] value : values) {
      assertThat(names.add(key(LIMIT, value).toString())).as(String.join("|", value)).isTrue();
    }
    CounterKey opaque = CounterKey.of(LIMIT, new byte[] {1, 2, 3});
    assertThat(names.add(RedisKey.of(RedisKey.Naming.of("weir:", LIMIT), opaque).toString()))
        .isTrue();
  }

  @Test
  void rule18_bracesInText_chooseNoSlot() {
    RedisKey hostile = key(LIMIT, "}{victim}");
    assertThat(hostile).hasToString("weir:{api/per-user:%7D%7Bvictim%7D}");
    assertThat(hostile.slot()).isNotEqualTo(key(LIMIT, "victim").slot());
  }

  @Test
  void rule18_longName_isADigest() {
    RedisKey key = key(LIMIT, "x".repeat(1_000));
    assertThat(key.name.length).isLessThan(64);
    assertThat(key.toString()).startsWith("weir:{~");
  }

  @Test
  void rule18_partition_keepsPoliciesTogether() {
    List<Policy> policies = List.of(partitioned("users", "user"), partitioned("routes", "path"));
    Set<Integer> slots = new HashSet<>();
    Store store =
        new Store() {
          @Override
          public CompletionStage<List<Verdict>> apply(List<Charge> charges) {
            charges.forEach(charge -> slots.add(named(charge).slot()));
            return CompletableFuture.failedFuture(
                new StoreException(StoreException.Category.UNAVAILABLE, "only looks on"));
          }

          @Override
          public void close() {}
        };
    RateLimiter limiter = RateLimiter.create(store, PolicySet.of(policies));
    limiter.check(request("t-1", "u", "/a"));
    limiter.check(request("t-1", "v", "/b"));
    assertThat(slots).hasSize(1);
    limiter.check(request("t-2", "u", "/a"));
    assertThat(slots).hasSize(2);
  }

  private static Descriptor request(String tenant, String user, String path) {
    return Descriptor.of(
        "api",
        List.of(
            new Descriptor.Entry("tenant", tenant),
            new Descriptor.Entry("user", user),
            new Descriptor.Entry("path", path)));
  }

  private static Policy partitioned(String name, String key) {
    return Policy.named(name)
        .domain("api")
        .key(key)
        .partition("tenant")
        .limit(Limit.of("minute", TokenBucket.of(10, Duration.ofMinutes(1))))
        .build();
  }

  private static RedisKey named(Charge charge) {
    return RedisKey.of(RedisKey.Naming.of("weir:", charge.key().limit()), charge.key());
  }
}
