// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import dev.weir.core.StoreException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One primary, at an address or named by sentinels; one lane on each event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // nothing waits for what is done for its effect
final class PrimaryRoutes implements Routes {

  private final Clients clients;
  private final List<RedisURI> uris;
  private final List<Link> links = new ArrayList<>();
  private final Lane[] lanes;
  // Which of several addresses is tried next.
  private final AtomicInteger next = new AtomicInteger();

  PrimaryRoutes(
      Clients clients,
      List<RedisURI> uris,
      Lane.Router router,
      Link.Watcher watcher,
      Lane.Settings settings) {
    this.clients = clients;
    this.uris = uris;
    List<EventLoop> loops = clients.loops();
    this.lanes = new Lane[loops.size()];
    for (int i = 0; i < lanes.length; i++) {
      int loop = i;
      lanes[i] = new Lane(loops.get(i), router, settings);
      links.add(new Link(lanes[i], () -> connect(loop), watcher, settings.timeoutMicros()));
    }
  }

  void start() {
    links.forEach(link -> link.lane().loop().execute(link::connect));
  }

  private CompletionStage<StatefulRedisConnection<byte[], byte[]>> connect(int loop) {
    int turn = Math.floorMod(next.getAndIncrement(), uris.size());
    return clients.connect(loop, uris.get(turn));
  }

  @Override
  public Lane lane(RedisKey key) {
    return Lanes.pick(lanes, key);
  }

  @Override
  public boolean together(RedisKey one, RedisKey other) {
    return true;
  }

  @Override
  public void redirect(Check check, Lane from, String error) {
    check.fail(StoreException.Category.UNAVAILABLE, error);
  }

  @Override
  public List<Link> links() {
    return links;
  }

  @Override
  public @Nullable RedisAsyncCommands<byte[], byte[]> commands(byte[] key) {
    for (Link link : links) {
      RedisAsyncCommands<byte[], byte[]> commands = link.commands();
      if (commands != null) {
        return commands;
      }
    }
    return null;
  }

  @Override
  public void suspect() {
    // There is nowhere else.
  }

  @Override
  public RedisHealth.Topology topology() {
    return uris.getFirst().getSentinels().isEmpty()
        ? RedisHealth.Topology.SINGLE
        : RedisHealth.Topology.SENTINEL;
  }

  @Override
  public CompletableFuture<Void> close(String reason) {
    return Routes.close(links, reason);
  }
}
