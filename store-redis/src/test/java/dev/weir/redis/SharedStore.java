// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import dev.weir.core.Charge;
import dev.weir.core.Store;
import dev.weir.core.TimeSource;
import dev.weir.core.Verdict;
import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.testkit.ManualTimeSource;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * One store that many tests use one after the other, each on its own clock and with no key in
 * Redis: to connect anew for each would take most of their time.
 */
final class SharedStore implements AutoCloseable {

  private final List<RedisProcess> servers;
  private final RedisStore store;
  private volatile TimeSource clock = ManualTimeSource.create();

  SharedStore(String url, List<RedisProcess> servers) {
    this(RedisOptions.of(url), servers);
  }

  SharedStore(RedisOptions options, List<RedisProcess> servers) {
    this.servers = servers;
    this.store = TestStores.connected(options, () -> clock.micros());
  }

  /** The store with nothing in it, on a clock. */
  Store on(ManualTimeSource of) {
    servers.forEach(server -> server.cli("FLUSHALL"));
    clock = of;
    return new Borrowed();
  }

  @Override
  public void close() {
    store.close();
  }

  private final class Borrowed implements Store {
    @Override
    public CompletionStage<List<Verdict>> apply(List<Charge> charges) {
      return store.apply(charges);
    }

    @Override
    public void close() {
      // Others need it.
    }
  }
}
