// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.resp;

import static java.util.Objects.requireNonNull;

import dev.weir.server.metrics.Instruments;
import dev.weir.server.wire.Judge;
import dev.weir.server.wire.LoginFailures;
import dev.weir.server.wire.SecurityLog;
import dev.weir.server.wire.Tokens;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Serves the Redis protocol on one listener. Safe for use by any thread; each connection is its
 * event loop's.
 */
public final class RespFrontEnd {

  /**
   * What it serves with.
   *
   * @param listener the listener's name
   * @param judge who decides
   * @param tokens who may ask; {@code AUTH} presents them
   * @param limits what a client may ask of the process
   * @param failures bounds the guessing of tokens
   * @param security hears of wrong tokens and of clients that speak something else
   * @param version the program's version
   */
  public record Settings(
      String listener,
      Judge judge,
      Tokens tokens,
      RespLimits limits,
      LoginFailures failures,
      SecurityLog security,
      String version) {
    public Settings {
      requireNonNull(listener, "listener");
      requireNonNull(judge, "judge");
      requireNonNull(tokens, "tokens");
      requireNonNull(limits, "limits");
      requireNonNull(failures, "failures");
      requireNonNull(security, "security");
      requireNonNull(version, "version");
    }
  }

  private final Settings settings;
  private final long startedMicros;
  private final Map<EventLoop, RespLoop> loops = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicLong ids = new AtomicLong();
  private final LongAdder commands = new LongAdder();
  private final CompletableFuture<Void> settled = new CompletableFuture<>();
  private volatile boolean draining;

  public RespFrontEnd(Settings settings) {
    this.settings = requireNonNull(settings, "settings");
    this.startedMicros = settings.judge.time().micros();
  }

  /**
   * What reads and answers one connection.
   *
   * @param peer the address at its other end
   */
  public ChannelHandler connection(String peer) {
    return new RespConnection(this, requireNonNull(peer, "peer"));
  }

  /** Announces what it counts. */
  public void announce(Instruments instruments) {
    instruments.counter(
        "weir.resp.commands",
        "Commands of the Redis protocol that were read",
        Map.of("listener", settings.listener),
        commands::sum);
    instruments.gauge(
        "weir.resp.connections",
        "Connections that speak the Redis protocol",
        Map.of("listener", settings.listener),
        connections::get);
  }

  /** Commands that were read so far. */
  public long commands() {
    return commands.sum();
  }

  /** Connections now. */
  public int connections() {
    return connections.get();
  }

  /**
   * Ends connections once what they have sent is answered.
   *
   * @param within then the rest is cut
   * @return complete when none is left
   */
  public CompletionStage<Void> drain(Duration within) {
    draining = true;
    loops.forEach((eventLoop, loop) -> loop.drain(RespLimits.ticks(within)));
    if (connections.get() == 0) {
      settled.complete(null);
    }
    return settled;
  }

  boolean draining() {
    return draining;
  }

  Settings settings() {
    return settings;
  }

  RespLoop loop(EventLoop eventLoop) {
    return loops.computeIfAbsent(eventLoop, key -> new RespLoop(this, key));
  }

  /** A number that no other connection has. */
  long enter() {
    connections.incrementAndGet();
    return ids.incrementAndGet();
  }

  void leave() {
    if (connections.decrementAndGet() == 0 && draining) {
      settled.complete(null);
    }
  }

  void read(int count) {
    commands.add(count);
  }

  long uptimeSeconds() {
    return (settings.judge.time().micros() - startedMicros) / 1_000_000;
  }
}
