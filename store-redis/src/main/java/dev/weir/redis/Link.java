// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a lane's connection alive: connects, loads the scripts, connects again within {@value
 * #RETRY_MILLIS} ms of an end, and finds out when a server that fell silent speaks again.
 *
 * <p>Lettuce's own reconnection is off: it would replay commands, and it cannot tell a silent
 * server from a slow one. All methods but the constructor run on the lane's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // nothing waits for what is done for its effect
final class Link implements Lane.Keeper {

  static final int RETRY_MILLIS = 50;
  private static final int ATTEMPT_MILLIS = 1_000;
  private static final int REPLACE_MILLIS = 250;
  private static final int REPLACE_AGAIN_MILLIS = 1_000;
  private static final int LINGER_MILLIS = 1_000;

  /** Hears of a link's fate. */
  interface Watcher {

    /** Whether a server that introduces itself like this is what the link was meant for. */
    boolean welcome(Link link, ServerInfo server);

    /** The link is up, or it is down for a reason. */
    void changed(Link link);
  }

  private final Lane lane;
  private final Supplier<CompletionStage<StatefulRedisConnection<byte[], byte[]>>> connector;
  private final Watcher watcher;
  private final long timeoutMicros;

  // Written by the loop, read by any thread.
  private volatile @Nullable StatefulRedisConnection<byte[], byte[]> current;
  private final Set<StatefulRedisConnection<byte[], byte[]>> lingering = new HashSet<>();
  private long attempt;
  private boolean connecting;
  private boolean silent;
  private boolean closed;
  // Read by any thread.
  private volatile @Nullable String trouble = "not connected to Redis yet";
  private volatile @Nullable ServerInfo server;

  Link(
      Lane lane,
      Supplier<CompletionStage<StatefulRedisConnection<byte[], byte[]>>> connector,
      Watcher watcher,
      long timeoutMicros) {
    this.lane = lane;
    this.connector = connector;
    this.watcher = watcher;
    this.timeoutMicros = timeoutMicros;
    lane.keptBy(this);
  }

  Lane lane() {
    return lane;
  }

  /** Why there is no connection; null while there is. Any thread. */
  @Nullable String trouble() {
    return trouble;
  }

  /** The server that it is, or was last, connected to. Any thread. */
  @Nullable ServerInfo server() {
    return server;
  }

  /** The commands of the connection, if there is one. Any thread. */
  @Nullable RedisAsyncCommands<byte[], byte[]> commands() {
    StatefulRedisConnection<byte[], byte[]> connection = current;
    return connection == null ? null : connection.async();
  }

  void connect() {
    if (connecting || closed) {
      return;
    }
    connecting = true;
    long mine = ++attempt;
    start()
        .whenComplete(
            (connection, failure) ->
                lane.loop().execute(() -> connected(mine, connection, failure)));
    lane.loop().schedule(() -> giveUp(mine), ATTEMPT_MILLIS, TimeUnit.MILLISECONDS);
  }

  private CompletionStage<StatefulRedisConnection<byte[], byte[]>> start() {
    try {
      return connector.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void giveUp(long mine) {
    if (connecting && mine == attempt) {
      attempt++;
      failed("Redis does not answer");
    }
  }

  private void connected(
      long mine,
      @Nullable StatefulRedisConnection<byte[], byte[]> connection,
      @Nullable Throwable failure) {
    if (mine != attempt || closed) {
      if (connection != null) {
        connection.closeAsync();
      }
    } else if (connection == null) {
      failed("no connection to Redis: " + Failures.text(failure));
    } else {
      greet(mine, connection);
    }
  }

  private void failed(String reason) {
    connecting = false;
    if (current == null) {
      say(reason);
      lane.refuse(reason);
    }
    lane.loop().schedule(this::connectIfNeeded, RETRY_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void connectIfNeeded() {
    if (current == null || silent) {
      connect();
    }
  }

  private void greet(long mine, StatefulRedisConnection<byte[], byte[]> connection) {
    RedisAsyncCommands<byte[], byte[]> commands = connection.async();
    CompletableFuture<?> loaded =
        CompletableFuture.allOf(
            Scripts.ALL.stream()
                .map(script -> commands.scriptLoad(script).toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    // Whoever may not ask for it is told less, and no more.
    CompletableFuture<ServerInfo> info =
        commands.info().toCompletableFuture().handle((text, e) -> ServerInfo.of(text));
    loaded
        .thenCombine(info, (none, about) -> about)
        .whenComplete((about, e) -> lane.loop().execute(() -> greeted(mine, connection, about, e)));
  }

  private void greeted(
      long mine,
      StatefulRedisConnection<byte[], byte[]> connection,
      @Nullable ServerInfo about,
      @Nullable Throwable failure) {
    if (mine != attempt || closed) {
      connection.closeAsync();
    } else if (about == null) {
      connection.closeAsync();
      failed("no connection to Redis: " + Failures.text(failure));
    } else if (about.replica()) {
      connection.closeAsync();
      failed("no connection to Redis: the server is a replica");
    } else if (!watcher.welcome(this, about)) {
      connection.closeAsync();
      connecting = false;
    } else {
      use(connection, about);
    }
  }

  private void use(StatefulRedisConnection<byte[], byte[]> connection, ServerInfo about) {
    connecting = false;
    StatefulRedisConnection<byte[], byte[]> old = current;
    boolean same = old != null && server != null && about.sameAs(server);
    silent = same;
    current = connection;
    server = about;
    connection.addListener(
        new RedisConnectionStateListener() {
          @Override
          public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
            lane.loop().execute(() -> disconnected(connection));
          }
        });
    if (!connection.isOpen()) {
      disconnected(connection);
      return;
    }
    if (old != null && same) {
      // To be connected is not to be quick: the server is asked again once it answers in time.
      lane.replace(connection);
      linger(old);
      probe();
      lane.loop().schedule(this::connectIfNeeded, REPLACE_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
      return;
    }
    lane.open(connection);
    if (old != null) {
      old.closeAsync();
    }
    trouble = null;
    watcher.changed(this);
  }

  /* Answers that are late may still come over it: what they took is given back (R22). */
  private void linger(StatefulRedisConnection<byte[], byte[]> old) {
    lingering.add(old);
    lane.loop()
        .schedule(
            () -> {
              lingering.remove(old);
              old.closeAsync();
            },
            LINGER_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  private void disconnected(StatefulRedisConnection<byte[], byte[]> connection) {
    if (connection == current && !closed) {
      drop("the connection to Redis was lost");
      connect();
    }
  }

  private void drop(String reason) {
    StatefulRedisConnection<byte[], byte[]> old = current;
    current = null;
    silent = false;
    lane.refuse(reason);
    lane.abandon();
    if (old != null && old.isOpen()) {
      old.closeAsync();
    }
    say(reason);
  }

  private void say(String reason) {
    boolean news = trouble == null;
    trouble = reason;
    if (news) {
      watcher.changed(this);
    }
  }

  /** Finds the server that is primary now. */
  @Override
  public void demoted() {
    if (current != null) {
      drop("the server has become a replica");
      connect();
    }
  }

  /** Asks no more until a probe is answered in time. */
  @Override
  public void stalled() {
    if (silent || current == null) {
      return;
    }
    silent = true;
    String reason = "Redis does not answer";
    lane.refuse(reason);
    say(reason);
    probe();
    lane.loop().schedule(this::connectIfNeeded, REPLACE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void probe() {
    StatefulRedisConnection<byte[], byte[]> probed = current;
    if (probed == null || !silent) {
      return;
    }
    long sent = lane.micros();
    probed
        .async()
        .ping()
        .whenComplete((pong, e) -> lane.loop().execute(() -> probed(probed, sent, e)));
  }

  private void probed(
      StatefulRedisConnection<byte[], byte[]> probed, long sent, @Nullable Throwable failure) {
    if (!silent || probed != current || failure != null) {
      return;
    }
    if (lane.micros() - sent > timeoutMicros) {
      probe();
      return;
    }
    silent = false;
    trouble = null;
    lane.reopen();
    watcher.changed(this);
  }

  /** Ends it for good; answers when the connection is closed. Any thread. */
  CompletableFuture<Void> close(String reason) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    lane.loop().execute(() -> end(reason).whenComplete((nothing, failure) -> done.complete(null)));
    return done;
  }

  private CompletableFuture<Void> end(String reason) {
    closed = true;
    attempt++;
    lane.refuse(reason);
    lane.abandon();
    StatefulRedisConnection<byte[], byte[]> old = current;
    current = null;
    trouble = reason;
    if (old != null) {
      lingering.add(old);
    }
    return CompletableFuture.allOf(
        lingering.stream()
            .filter(StatefulRedisConnection::isOpen)
            .map(StatefulRedisConnection::closeAsync)
            .toArray(CompletableFuture[]::new));
  }
}
