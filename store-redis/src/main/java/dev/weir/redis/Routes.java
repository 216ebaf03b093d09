// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which lane a key's checks take. Safe for use by any number of threads. */
interface Routes {

  /** A lane to the server that has the key; null if none is known to have it. */
  @Nullable Lane lane(RedisKey key);

  /** Whether two keys can be in one call. */
  boolean together(RedisKey one, RedisKey other);

  /** Another node has the check's slot. */
  void redirect(Check check, String error);

  /** The lane's server is no primary any more. */
  void demoted(Lane lane);

  /** The lane's server does not answer. */
  void stalled(Lane lane);

  /** The links that ought to be up. */
  List<Link> links();

  /** Plain commands, if there is a connection for them. */
  @Nullable RedisClusterAsyncCommands<byte[], byte[]> commands();

  RedisHealth.Topology topology();

  void close(String reason);
}
