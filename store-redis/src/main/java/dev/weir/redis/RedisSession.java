// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import static java.util.Objects.requireNonNull;

import dev.weir.core.StoreException;
import dev.weir.core.StoreException.Category;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the primary that has one hash tag's keys, for scripts that are no checks: they
 * are few, may be large, and have seconds. It connects by itself, again after every loss, and
 * follows sentinels and clusters.
 *
 * <p>Safe for use by any number of threads; no method blocks. A call waits for the connection
 * within its timeout; it is sent once. Stages complete on a thread of the session's own that must
 * not be blocked. They fail with {@link StoreException}: {@link Category#TIMEOUT} where the call
 * may have been executed, {@link Category#UNAVAILABLE} where it was not or was refused, {@link
 * Category#FULL} where Redis has no memory for it.
 *
 * @since 0.1
 */
@SuppressWarnings("FutureReturnValueIgnored") // nothing waits for what is done for its effect
public final class RedisSession implements AutoCloseable {

  private static final int MAX_CALLS = 1_000;
  private static final int RETRY_MILLIS = 100;
  private static final int ATTEMPT_MILLIS = 2_000;
  // Errors of a server that is not, or no longer, the one to ask.
  private static final Set<String> ELSEWHERE =
      Set.of("MOVED", "ASK", "READONLY", "CLUSTERDOWN", "LOADING", "MASTERDOWN");

  private static final class Call {
    final byte[] script;
    final byte[][] keys;
    final byte[][] arguments;
    final CompletableFuture<List<Object>> answer = new CompletableFuture<>();
    boolean sent;

    Call(byte[] script, byte[][] keys, byte[][] arguments) {
      this.script = script;
      this.keys = keys;
      this.arguments = arguments;
    }
  }

  private final RedisOptions options;
  private final long timeoutMillis;
  private final Runnable connected;
  private final Clients clients;
  private final EventLoop loop;
  private final int slot;
  // The rest is the loop's; volatile where any thread reads.
  private final ArrayDeque<Call> waiting = new ArrayDeque<>();
  private final Set<Call> open = new HashSet<>();
  private volatile @Nullable StatefulRedisConnection<byte[], byte[]> current;
  private volatile @Nullable String trouble = "not connected to Redis yet";
  private volatile @Nullable String lineage;
  private @Nullable RedisClusterClient cluster;
  private @Nullable StatefulRedisConnection<byte[], byte[]> greeting;
  private boolean connecting;
  private boolean closed;
  private long attempt;
  private int turn;

  private RedisSession(RedisOptions options, String hashTag, Duration timeout, Runnable connected) {
    this.options = options;
    this.timeoutMillis = timeout.toMillis();
    this.connected = connected;
    this.clients = new Clients(options.connections(1), List.of());
    this.loop = clients.loops().getFirst();
    this.slot = SlotHash.getSlot(hashTag.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Begins to connect in the background.
   *
   * @param options of which the timeout, the number of connections and the bound on waiting checks
   *     do not matter here
   * @param hashTag what is between the braces of every key that calls will name
   * @param timeout after which a call fails
   * @param connected told of every new connection, before a call is sent on it, on a thread that
   *     must not be blocked
   */
  public static RedisSession open(
      RedisOptions options, String hashTag, Duration timeout, Runnable connected) {
    RedisSession session =
        new RedisSession(
            requireNonNull(options, "options"),
            requireNonNull(hashTag, "hashTag"),
            requireNonNull(timeout, "timeout"),
            requireNonNull(connected, "connected"));
    session.loop.execute(session::connect);
    return session;
  }

  /** Why there is no connection; empty while there is. */
  public Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  /**
   * What tells one unbroken history of a primary's writes from every other; empty where the server
   * does not say. Another one means that writes may have been lost.
   */
  public Optional<String> lineage() {
    return Optional.ofNullable(lineage);
  }

  /**
   * Runs a script, which must answer an array without nothing in it.
   *
   * @param keys all with the session's hash tag
   * @return strings as {@code byte[]}, integers as {@code Long}
   */
  public CompletionStage<List<Object>> run(byte[] script, List<String> keys, List<byte[]> args) {
    Call call =
        new Call(
            script.clone(),
            keys.stream().map(RedisSession::bytes).toArray(byte[][]::new),
            args.toArray(byte[][]::new));
    try {
      loop.execute(() -> accept(call));
    } catch (RejectedExecutionException e) {
      fail(call, Category.UNAVAILABLE, "the session is closed");
    }
    return call.answer;
  }

  /** A setting of the server's, by {@code CONFIG GET}; empty where it may not be asked. */
  public CompletionStage<Optional<String>> setting(String name) {
    CompletableFuture<Optional<String>> answer = new CompletableFuture<>();
    RedisAsyncCommands<byte[], byte[]> commands = commands();
    if (commands == null) {
      answer.complete(Optional.empty());
    } else {
      commands
          .configGet(name)
          .whenComplete(
              (found, e) ->
                  answer.complete(
                      found == null ? Optional.empty() : Optional.ofNullable(found.get(name))));
    }
    return answer.completeOnTimeout(Optional.empty(), timeoutMillis, TimeUnit.MILLISECONDS);
  }

  private @Nullable RedisAsyncCommands<byte[], byte[]> commands() {
    StatefulRedisConnection<byte[], byte[]> connection = current;
    return connection == null ? null : connection.async();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void accept(Call call) {
    if (closed) {
      fail(call, Category.UNAVAILABLE, "the session is closed");
    } else if (open.size() >= MAX_CALLS) {
      fail(call, Category.UNAVAILABLE, "more than " + MAX_CALLS + " calls wait for Redis");
    } else {
      open.add(call);
      loop.schedule(() -> expire(call), timeoutMillis, TimeUnit.MILLISECONDS);
      if (current == null) {
        waiting.add(call);
      } else {
        send(call);
      }
    }
  }

  private void expire(Call call) {
    if (!open.remove(call)) {
      return;
    }
    if (call.sent) {
      fail(call, Category.TIMEOUT, "Redis does not answer");
      drop("Redis does not answer");
    } else {
      waiting.remove(call);
      String reason = trouble;
      fail(call, Category.UNAVAILABLE, reason == null ? "not connected to Redis" : reason);
    }
  }

  private static void fail(Call call, Category category, String reason) {
    call.answer.completeExceptionally(new StoreException(category, reason));
  }

  private void send(Call call) {
    RedisAsyncCommands<byte[], byte[]> commands = commands();
    if (commands == null) {
      waiting.add(call);
      return;
    }
    call.sent = true;
    commands
        .<List<Object>>evalsha(
            commands.digest(call.script), ScriptOutputType.MULTI, call.keys, call.arguments)
        .whenComplete(
            (answer, e) -> {
              if (e instanceof RedisNoScriptException) {
                // It was not executed.
                commands
                    .<List<Object>>eval(
                        call.script, ScriptOutputType.MULTI, call.keys, call.arguments)
                    .whenComplete((second, failure) -> answered(call, second, failure));
              } else {
                answered(call, answer, e);
              }
            });
  }

  private void answered(Call call, @Nullable List<Object> answer, @Nullable Throwable failure) {
    loop.execute(
        () -> {
          if (open.remove(call)) {
            if (answer != null) {
              call.answer.complete(answer);
            } else {
              failed(call, failure);
            }
          }
        });
  }

  private void failed(Call call, @Nullable Throwable failure) {
    String reason = Failures.text(failure);
    if (!(failure instanceof RedisCommandExecutionException)) {
      fail(call, Category.TIMEOUT, reason);
      return;
    }
    boolean full = reason.startsWith("OOM");
    fail(call, full ? Category.FULL : Category.UNAVAILABLE, reason);
    String word = reason.split(" ", 2)[0];
    if (ELSEWHERE.contains(word) || reason.contains("READONLY")) {
      drop(reason);
    }
  }

  private void connect() {
    if (connecting || closed || current != null) {
      return;
    }
    connecting = true;
    long mine = ++attempt;
    start()
        .whenComplete(
            (connection, failure) -> loop.execute(() -> connected(mine, connection, failure)));
    loop.schedule(() -> giveUp(mine), ATTEMPT_MILLIS, TimeUnit.MILLISECONDS);
  }

  private CompletionStage<StatefulRedisConnection<byte[], byte[]>> start() {
    try {
      RedisClusterClient known = cluster;
      return known == null ? clients.connect(0, seed()) : primary(known);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private RedisURI seed() {
    List<RedisURI> uris = options.uris();
    RedisURI uri = uris.get(Math.floorMod(turn++, uris.size()));
    uri.setTimeout(Duration.ofMillis(500));
    return uri;
  }

  private CompletionStage<StatefulRedisConnection<byte[], byte[]>> primary(
      RedisClusterClient known) {
    return known
        .refreshPartitionsAsync()
        .thenCompose(
            done -> {
              RedisClusterNode node = known.getPartitions().getPartitionBySlot(slot);
              if (node == null) {
                throw new IllegalStateException("no node has slot " + slot);
              }
              RedisURI uri = node.getUri();
              return clients.connect(
                  0,
                  RedisURI.builder(options.uris().getFirst())
                      .withHost(uri.getHost())
                      .withPort(uri.getPort())
                      .withTimeout(Duration.ofMillis(500))
                      .build());
            });
  }

  private void giveUp(long mine) {
    if (connecting && mine == attempt) {
      attempt++;
      if (greeting != null) {
        greeting.closeAsync();
        greeting = null;
      }
      retry("no connection to Redis: it does not answer");
    }
  }

  private void retry(String reason) {
    connecting = false;
    trouble = reason;
    loop.schedule(this::connect, RETRY_MILLIS, TimeUnit.MILLISECONDS);
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
      retry("no connection to Redis: " + Failures.text(failure));
    } else {
      greeting = connection;
      connection
          .async()
          .info()
          .whenComplete((text, e) -> loop.execute(() -> greeted(mine, connection, text)));
    }
  }

  private void greeted(
      long mine, StatefulRedisConnection<byte[], byte[]> connection, @Nullable String text) {
    ServerInfo about = ServerInfo.of(text);
    if (mine != attempt || closed) {
      connection.closeAsync();
      return;
    }
    greeting = null;
    if (about.replica()) {
      connection.closeAsync();
      retry("no connection to Redis: the server is a replica");
    } else if (about.cluster() && cluster == null) {
      connection.closeAsync();
      cluster = clients.cluster(options.uris());
      connecting = false;
      connect();
    } else {
      use(connection, about);
    }
  }

  private void use(StatefulRedisConnection<byte[], byte[]> connection, ServerInfo about) {
    connecting = false;
    current = connection;
    lineage = about.lineage().orElse(null);
    trouble = null;
    connection.addListener(
        new RedisConnectionStateListener() {
          @Override
          public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
            loop.execute(() -> lost(connection));
          }
        });
    if (!connection.isOpen()) {
      lost(connection);
      return;
    }
    connected.run();
    List<Call> ready = new ArrayList<>(waiting);
    waiting.clear();
    ready.forEach(this::send);
  }

  private void lost(StatefulRedisConnection<byte[], byte[]> connection) {
    if (connection == current) {
      drop("the connection to Redis was lost");
    }
  }

  /* What was sent on it is answered by Lettuce, with a failure. */
  private void drop(String reason) {
    StatefulRedisConnection<byte[], byte[]> old = current;
    current = null;
    if (old != null && !closed) {
      trouble = reason;
      old.closeAsync();
      connect();
    }
  }

  /** Ends it; calls that are under way fail. */
  @Override
  public void close() {
    try {
      loop.execute(this::end);
    } catch (RejectedExecutionException e) {
      // It is closed already.
    }
  }

  private void end() {
    if (closed) {
      return;
    }
    closed = true;
    attempt++;
    trouble = "the session is closed";
    for (Call call : new ArrayList<>(open)) {
      fail(call, call.sent ? Category.TIMEOUT : Category.UNAVAILABLE, "closed");
    }
    open.clear();
    waiting.clear();
    StatefulRedisConnection<byte[], byte[]> old = current;
    current = null;
    CompletableFuture<?> ended =
        old == null ? CompletableFuture.completedFuture(null) : old.closeAsync();
    RedisClusterClient known = cluster;
    CompletableFuture<?> apart =
        known == null
            ? CompletableFuture.completedFuture(null)
            : known.shutdownAsync(0, 1, TimeUnit.SECONDS);
    CompletableFuture.allOf(ended, apart)
        .orTimeout(1, TimeUnit.SECONDS)
        .whenComplete((done, failure) -> clients.close());
  }
}
