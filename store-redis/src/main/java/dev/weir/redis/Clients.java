// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.DefaultEventLoopGroupProvider;
import io.lettuce.core.resource.EventLoopGroupProvider;
import io.lettuce.core.resource.Transports;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lettuce, set up for checks: one client for each event loop, so that a connection and the lane
 * that uses it are on one thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // nothing waits for what is done for its effect
final class Clients {

  private static final Duration CONNECT_TIMEOUT = Duration.ofMillis(500);

  private final RedisOptions options;
  private final ClientResources resources;
  private final List<ClientResources> resourcesOfLoop = new ArrayList<>();
  private final List<RedisClient> clients = new ArrayList<>();
  private final List<EventLoop> loops = new ArrayList<>();
  private final @Nullable EventLoopGroup own;

  /**
   * Sets up clients.
   *
   * @param given the loops to use; none to make {@code connections} of them
   */
  Clients(RedisOptions options, List<EventLoop> given) {
    this.options = options;
    this.resources =
        DefaultClientResources.builder()
            .commandLatencyRecorder(CommandLatencyRecorder.disabled())
            .computationThreadPoolSize(2)
            .ioThreadPoolSize(2)
            .build();
    this.own = given.isEmpty() ? newGroup(options.connections()) : null;
    if (own != null) {
      own.forEach(executor -> loops.add((EventLoop) executor));
    } else {
      loops.addAll(given);
    }
    for (EventLoop loop : loops) {
      ClientResources ofLoop = resources.mutate().eventLoopGroupProvider(new OneLoop(loop)).build();
      RedisClient client = RedisClient.create(ofLoop);
      client.setOptions(clientOptions(ClientOptions.builder()).build());
      resourcesOfLoop.add(ofLoop);
      clients.add(client);
    }
  }

  private static EventLoopGroup newGroup(int threads) {
    return (EventLoopGroup)
        DefaultEventLoopGroupProvider.createEventLoopGroup(
            Transports.eventLoopGroupClass(), threads);
  }

  private <B extends ClientOptions.Builder> B clientOptions(B builder) {
    builder
        .autoReconnect(false)
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .replayFilter(command -> true)
        .protocolVersion(ProtocolVersion.RESP2)
        .maintNotificationsConfig(MaintNotificationsConfig.disabled())
        .timeoutOptions(TimeoutOptions.builder().timeoutCommands(false).build())
        .socketOptions(
            SocketOptions.builder()
                .connectTimeout(CONNECT_TIMEOUT)
                .tcpNoDelay(true)
                .keepAlive(true)
                .build());
    ssl(builder);
    return builder;
  }

  private void ssl(ClientOptions.Builder builder) {
    if (options.ca().isPresent() || options.certificate().isPresent()) {
      SslOptions.Builder ssl = SslOptions.builder().jdkSslProvider();
      options.ca().ifPresent(pem -> ssl.trustManager(pem.toFile()));
      options
          .certificate()
          .ifPresent(
              pem ->
                  ssl.keyManager(
                      pem.toFile(), options.privateKey().orElseThrow().toFile(), new char[0]));
      builder.sslOptions(ssl.build());
    }
  }

  List<EventLoop> loops() {
    return loops;
  }

  /** Opens a connection on a loop. */
  CompletionStage<StatefulRedisConnection<byte[], byte[]>> connect(int loop, RedisURI uri) {
    return clients.get(loop).connectAsync(ByteArrayCodec.INSTANCE, uri);
  }

  /** A client that finds out a cluster's topology. */
  RedisClusterClient cluster(List<RedisURI> seeds) {
    seeds.forEach(seed -> seed.setTimeout(CONNECT_TIMEOUT));
    RedisClusterClient client = RedisClusterClient.create(resources, seeds);
    ClusterClientOptions.Builder builder = clientOptions(ClusterClientOptions.builder());
    client.setOptions(builder.timeoutOptions(TimeoutOptions.enabled(CONNECT_TIMEOUT)).build());
    return client;
  }

  /** Closes everything; on loops of somebody else, who may end them next, it waits for that. */
  void close() {
    CompletableFuture.allOf(
            clients.stream()
                .map(client -> client.shutdownAsync(0, 1, TimeUnit.SECONDS))
                .toArray(CompletableFuture[]::new))
        .whenComplete(
            (done, failure) -> {
              resourcesOfLoop.forEach(each -> each.shutdown(0, 1, TimeUnit.SECONDS));
              resources.shutdown(0, 1, TimeUnit.SECONDS);
              if (own != null) {
                own.shutdownGracefully(50, 1_000, TimeUnit.MILLISECONDS);
              }
            });
  }

  /** Hands out one loop, and leaves its end to whoever owns it. */
  private record OneLoop(EventLoop loop) implements EventLoopGroupProvider {

    @Override
    @SuppressWarnings("unchecked") // Lettuce asks for the class of its transport and uses a group
    public <T extends EventLoopGroup> T allocate(Class<T> type) {
      return (T) loop;
    }

    @Override
    public int threadPoolSize() {
      return 1;
    }

    @Override
    public Future<Boolean> release(
        EventExecutorGroup group, long quietPeriod, long timeout, TimeUnit unit) {
      return ImmediateEventExecutor.INSTANCE.newSucceededFuture(true);
    }

    @Override
    public Future<Boolean> shutdown(long quietPeriod, long timeout, TimeUnit unit) {
      return ImmediateEventExecutor.INSTANCE.newSucceededFuture(true);
    }
  }
}
