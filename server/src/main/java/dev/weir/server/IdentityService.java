// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.core.RateLimiter;
import dev.weir.core.TimeSource;
import dev.weir.records.RecordStore;
import dev.weir.server.identity.Bans;
import dev.weir.server.identity.Callers;
import dev.weir.server.identity.Identities;
import dev.weir.server.identity.InvalidKeys;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The records of a server, and who its callers are according to them. */
final class IdentityService implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(IdentityService.class);
  private static final long LOAD_SECONDS = 2;

  private final RecordStore records;
  private final RateLimiter invalidKeysLimiter;
  private final Callers callers;

  /**
   * @param limits makes a limiter of some policies over the store of the limits
   * @param tiers the tiers in force
   */
  IdentityService(
      OpenRecords opened,
      InvalidKeys.Settings invalidKeys,
      RateLimiter.Builder limits,
      Supplier<Set<String>> tiers,
      TimeSource time) {
    records = opened.store();
    invalidKeysLimiter = limits.policies(InvalidKeys.policies(invalidKeys)).build();
    Bans bans = new Bans(records, time);
    callers =
        new Callers(
            Identities.of(records, opened.keys(), tiers, time),
            bans,
            new InvalidKeys(invalidKeys, invalidKeysLimiter, bans));
  }

  /** Waits for the records, but not for long: limits go on without them. */
  void await() {
    try {
      callers.identities().loaded().toCompletableFuture().get(LOAD_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn(
          "starting without the records of users and keys: {}",
          records.health().error().orElse("no answer in " + LOAD_SECONDS + " s"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes the users and keys that files name. */
  void configure(IdentitySettings settings) {
    callers.identities().configure(settings.configured());
  }

  RecordStore records() {
    return records;
  }

  Callers callers() {
    return callers;
  }

  @Override
  public void close() {
    callers.identities().close();
    callers.bans().close();
    invalidKeysLimiter.close();
    records.close();
  }
}
