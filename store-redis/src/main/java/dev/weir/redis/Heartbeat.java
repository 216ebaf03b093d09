// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Says once a second that this node lives, and learns how many do: what a limit is divided by while
 * Redis is away (R23).
 *
 * <p>While Redis is away the last count stands. A node that ends is counted for some seconds more,
 * which makes shares smaller, never larger.
 */
@SuppressWarnings("FutureReturnValueIgnored") // nothing waits for what is done for its effect
final class Heartbeat {

  private static final int EVERY_MILLIS = 1_000;
  private static final byte[] SILENT_MILLIS = "5000".getBytes(StandardCharsets.US_ASCII);

  private final EventLoop loop;
  private final Supplier<Routes> routes;
  private final byte[] key;
  private final byte[] id = UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII);
  private volatile int nodes = 1;
  private volatile boolean closed;

  Heartbeat(EventLoop loop, Supplier<Routes> routes, String prefix) {
    this.loop = loop;
    this.routes = routes;
    this.key = (prefix + "nodes").getBytes(StandardCharsets.UTF_8);
  }

  void start() {
    loop.execute(this::beat);
  }

  /** How many nodes there were when Redis last said; 1 until then. */
  int nodes() {
    return nodes;
  }

  /** Says that this node lives, now and from now on. */
  private void beat() {
    if (closed) {
      return;
    }
    say();
    loop.schedule(this::beat, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Says it once more: the connection is new. */
  void say() {
    RedisAsyncCommands<byte[], byte[]> redis = routes.get().commands(key);
    if (redis != null && !closed) {
      redis
          .<Long>eval(
              Scripts.HEARTBEAT, ScriptOutputType.INTEGER, new byte[][] {key}, id, SILENT_MILLIS)
          .thenAccept(count -> nodes = (int) Math.max(1, count));
    }
  }

  /** Takes this node out of the count, as far as Redis can be told. */
  void close() {
    closed = true;
    RedisAsyncCommands<byte[], byte[]> redis = routes.get().commands(key);
    if (redis != null) {
      redis.zrem(key, id);
    }
  }
}
