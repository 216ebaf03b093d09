// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.Objects.requireNonNull;

import dev.weir.server.wire.SecurityLog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The doors of all listeners, and the threads that TLS computes on. Safe for use by any thread. */
final class Doors implements AutoCloseable {

  private static final long IDLE_SECONDS = 30;

  private final List<Listener> listeners;
  private final ExecutorService handshakes;
  private final Map<String, Door> doors = new HashMap<>();

  /**
   * Reads the certificates.
   *
   * @param threads how many handshakes are computed at once
   * @param security hears of whom is kept out
   * @throws TlsFiles.InvalidException if a listener's cannot be used
   */
  Doors(List<Listener> listeners, int threads, WallClock clock, SecurityLog security) {
    this.listeners = listeners;
    this.handshakes = handshakes(threads);
    Map<Tls, LiveTls> live = new HashMap<>();
    for (Listener listener : listeners) {
      Optional<LiveTls> tls =
          listener
              .tls()
              .map(
                  files ->
                      live.computeIfAbsent(files, absent -> new LiveTls(files, handshakes, clock)));
      doors.put(
          listener.name(),
          new Door(listener.name(), listener.clients(), listener.access(), tls, security));
    }
  }

  /* A handshake computes for milliseconds, which an event loop must not. */
  private static ExecutorService handshakes(int threads) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            // Bounded by the connections, each of which has one task at a time.
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("weir-tls-", 0).factory());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  Door of(Listener listener) {
    return requireNonNull(doors.get(listener.name()), "door");
  }

  /** What a listener speaks TLS with, if it does. */
  Optional<LiveTls> tls(String listener) {
    return Optional.ofNullable(doors.get(listener)).flatMap(Door::tls);
  }

  /** What every listener that speaks TLS does so with. */
  Map<String, LiveTls> certificates() {
    Map<String, LiveTls> certificates = new HashMap<>();
    doors.forEach((name, door) -> door.tls().ifPresent(tls -> certificates.put(name, tls)));
    return certificates;
  }

  /** The doors by where they are. */
  Map<GuardedTransport.Place, Door> places() {
    Map<GuardedTransport.Place, Door> places = new HashMap<>();
    for (int i = 0; i < listeners.size(); i++) {
      Listener listener = listeners.get(i);
      places.put(new GuardedTransport.Place(listener.host(), port(listener, i)), of(listener));
    }
    return places;
  }

  /**
   * The port to listen on; a negative one is a free one that all loops of this process share.
   *
   * @param index the place of the listener in the configuration
   */
  static int port(Listener listener, int index) {
    return listener.port() == 0 ? -1 - index : listener.port();
  }

  /** Takes changes of certificates. */
  void follow() {
    live().forEach(LiveTls::follow);
  }

  /** Takes no more of them; handshakes go on. */
  void unfollow() {
    live().forEach(LiveTls::close);
  }

  private Stream<LiveTls> live() {
    return doors.values().stream().flatMap(door -> door.tls().stream()).distinct();
  }

  @Override
  public void close() {
    unfollow();
    handshakes.shutdownNow();
  }
}
