// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.RedisProcess;
import java.time.Duration;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

final class HeartbeatTest {

  @Test
  void rule23_nodes_areCountedFromTheirHeartbeats() throws InterruptedException {
    try (RedisProcess redis = RedisProcess.start()) {
      RedisOptions options = RedisOptions.of(redis.url());
      RedisStore first = TestStores.connected(options);
      try (first;
          RedisStore other = TestStores.connected(options.prefix("other:"))) {
        RedisStore second = TestStores.connected(options);
        try (second) {
          awaitCount(first::nodes, 2);
          awaitCount(second::nodes, 2);
          awaitCount(other::nodes, 1);
          redis.kill();
          assertThat(first.nodes()).as("Redis is away").isEqualTo(2);
          redis.restart();
          awaitCount(first::nodes, 2);
        }
        awaitCount(first::nodes, 1);
      }
    }
  }

  private static void awaitCount(IntSupplier nodes, int expected) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (nodes.getAsInt() != expected && System.nanoTime() < end) {
      Thread.sleep(20);
    }
    assertThat(nodes.getAsInt()).isEqualTo(expected);
  }
}
