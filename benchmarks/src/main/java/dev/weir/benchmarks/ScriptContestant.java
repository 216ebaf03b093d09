// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.resource.ClientResources;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;

/** Weir's script called by hand with several checks in each call; what it costs Redis. */
final class ScriptContestant implements Contestant {

  private static final int GROUPS = 1 << 14;

  private final ClientResources resources = LettuceContestant.resources(true);
  private final RedisClient client;
  private final RedisAsyncCommands<byte[], byte[]> commands;
  private final String digest;
  private final byte[][][] groups = new byte[GROUPS][][];
  private final byte[][] arguments;

  ScriptContestant(String url, int keysOfCall, int limits) {
    client = RedisClient.create(resources, url);
    StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE);
    commands = connection.async();
    digest = connection.sync().scriptLoad(TakeScript.source());
    arguments = TakeScript.arguments(keysOfCall, limits, Allowance.PLENTY);
    String[] names = Contestant.names();
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < GROUPS; i++) {
      groups[i] =
          random
              .ints(0, KEYS)
              .distinct()
              .limit(keysOfCall)
              .mapToObj(key -> names[key].getBytes(StandardCharsets.US_ASCII))
              .toArray(byte[][]::new);
    }
  }

  /** The key chooses a group of keys. */
  @Override
  public CompletionStage<?> check(int key) {
    return commands.evalsha(digest, ScriptOutputType.MULTI, groups[key & (GROUPS - 1)], arguments);
  }

  @Override
  public boolean admitted(Object answer) {
    return TakeScript.allAdmitted(answer);
  }

  @Override
  public void close() {
    client.shutdown();
    resources.shutdown();
  }
}
