// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Which lane a key's checks take. Safe for use by any number of threads. */
interface Routes {

  /** A lane to the server that has the key; null if none is known to have it. */
  @Nullable Lane lane(RedisKey key);

  /** Whether two keys can be in one call. */
  boolean together(RedisKey one, RedisKey other);

  /** Another node than the lane's has the check's slot. */
  void redirect(Check check, Lane from, String error);

  /** The links that ought to be up. */
  List<Link> links();

  /** Plain commands for a key, if there is a connection to its server. */
  @Nullable RedisAsyncCommands<byte[], byte[]> commands(byte[] key);

  /** A server answered that a key is elsewhere. */
  void suspect();

  RedisHealth.Topology topology();

  /** Ends everything; answers when all connections are closed. */
  CompletableFuture<Void> close(String reason);

  /** Closes links; answers when all of them are. */
  static CompletableFuture<Void> close(List<Link> links, String reason) {
    return CompletableFuture.allOf(
        links.stream().map(link -> link.close(reason)).toArray(CompletableFuture[]::new));
  }
}
