// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.handler.flush.FlushConsolidationHandler;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** One script call per check over one shared connection of Lettuce. */
final class LettuceContestant implements Contestant {

  /** What is called for each check. */
  enum Script {
    /** Nothing: what any script costs. */
    EMPTY,
    /** Weir's own script with one charge. */
    CHARGE,
    /** The algorithm of Spring Cloud Gateway's limiter. */
    GATEWAY
  }

  /*
   * A bucket in two keys, as Spring Cloud Gateway's RedisRateLimiter keeps it: tokens left, and the
   * second of the last call. Both are written at every call, whatever the answer.
   */
  private static final String GATEWAY_SCRIPT =
      """
      local rate, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
      local second = tonumber(redis.call('TIME')[1])
      local left = tonumber(redis.call('GET', KEYS[1])) or burst
      local since = tonumber(redis.call('GET', KEYS[2])) or 0
      left = math.min(burst, left + math.max(0, second - since) * rate)
      local granted = 0
      if left >= wanted then
        left = left - wanted
        granted = 1
      end
      local ttl = math.floor(burst / rate * 2)
      if ttl > 0 then
        redis.call('SETEX', KEYS[1], ttl, left)
        redis.call('SETEX', KEYS[2], ttl, second)
      end
      return { granted, left }
      """;

  private final ClientResources resources;
  private final RedisClient client;
  private final RedisAsyncCommands<byte[], byte[]> commands;
  private final Script script;
  private final String digest;
  private final byte[][][] keys = new byte[KEYS][][];
  private final byte[][] arguments;

  LettuceContestant(String url, Script script, Allowance allowance, boolean consolidated) {
    this.script = script;
    this.resources = resources(consolidated);
    this.client = RedisClient.create(resources, url);
    StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE);
    this.commands = connection.async();
    this.digest = connection.sync().scriptLoad(source(script));
    String[] names = Contestant.names();
    for (int i = 0; i < KEYS; i++) {
      keys[i] =
          script == Script.GATEWAY
              ? new byte[][] {
                ascii("request_rate_limiter.{" + names[i] + "}.tokens"),
                ascii("request_rate_limiter.{" + names[i] + "}.timestamp")
              }
              : new byte[][] {ascii(names[i])};
    }
    this.arguments =
        switch (script) {
          case EMPTY -> new byte[0][];
          case CHARGE -> TakeScript.arguments(1, 1, allowance);
          case GATEWAY ->
              new byte[][] {
                ascii(Long.toString(allowance.perSecond())),
                ascii(Long.toString(allowance.permits())),
                ascii("1")
              };
        };
  }

  static ClientResources resources(boolean consolidated) {
    ClientResources.Builder builder = ClientResources.builder();
    if (consolidated) {
      builder.nettyCustomizer(
          new NettyCustomizer() {
            @Override
            public void afterChannelInitialized(Channel channel) {
              channel.pipeline().addFirst(new FlushConsolidationHandler(256, true));
            }
          });
    }
    return builder.build();
  }

  private static String source(Script script) {
    return switch (script) {
      case EMPTY -> "return 1";
      case CHARGE -> TakeScript.source();
      case GATEWAY -> GATEWAY_SCRIPT;
    };
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public CompletionStage<?> check(int key) {
    ScriptOutputType type =
        script == Script.EMPTY ? ScriptOutputType.INTEGER : ScriptOutputType.MULTI;
    return commands.evalsha(digest, type, keys[key], arguments);
  }

  @Override
  public boolean admitted(Object answer) {
    return switch (script) {
      case EMPTY -> true;
      case CHARGE -> TakeScript.allAdmitted(answer);
      case GATEWAY -> ((List<?>) answer).getFirst().equals(1L);
    };
  }

  @Override
  public void close() {
    client.shutdown();
    resources.shutdown();
  }
}
