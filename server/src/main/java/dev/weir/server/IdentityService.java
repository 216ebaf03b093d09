// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.core.RateLimiter;
import dev.weir.core.TimeSource;
import dev.weir.records.FileRecords;
import dev.weir.records.MemoryRecords;
import dev.weir.records.RecordStore;
import dev.weir.server.identity.Bans;
import dev.weir.server.identity.Callers;
import dev.weir.server.identity.Identities;
import dev.weir.server.identity.Identities.KeySettings;
import dev.weir.server.identity.InvalidKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
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
  private static final String SECRET_FILE = "key-secret";
  private static final int SECRET_BYTES = 32;
  private static final long LOAD_SECONDS = 2;

  private final RecordStore records;
  private final RateLimiter invalidKeysLimiter;
  private final Callers callers;

  /**
   * @param limits makes a limiter of some policies over the store of the limits
   * @param tiers the tiers in force
   */
  IdentityService(
      Configuration configuration,
      RateLimiter.Builder limits,
      Supplier<Set<String>> tiers,
      TimeSource time) {
    IdentitySettings settings = configuration.identities();
    KeySettings keys = settings.keys();
    if (settings.records().dataDir().isPresent()) {
      Path folder = settings.records().dataDir().get();
      records = FileRecords.open(folder);
      keys = keys.secret().isPresent() ? keys : keys.secret(kept(folder.resolve(SECRET_FILE)));
    } else {
      records = MemoryRecords.create();
      // Keys end with the process, as their secret does.
      keys = keys.secret().isPresent() ? keys : keys.secret(random());
    }
    invalidKeysLimiter = limits.policies(InvalidKeys.policies(settings.invalidKeys())).build();
    Identities identities = Identities.of(records, keys, tiers, time);
    Bans bans = new Bans(records, time);
    callers =
        new Callers(
            identities, bans, new InvalidKeys(settings.invalidKeys(), invalidKeysLimiter, bans));
  }

  /** Waits for the records, but not for long: limits go on without them. */
  void await() {
    try {
      callers.identities().loaded().toCompletableFuture().get(LOAD_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("starting without the records of users and keys: {}", records.health());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  RecordStore records() {
    return records;
  }

  Callers callers() {
    return callers;
  }

  /** The secret in a file, which is made if it is not there; its owner alone may read it. */
  private static String kept(Path file) {
    try {
      try {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, random(), StandardOpenOption.SYNC);
        LOG.info("made the secret of API keys: {}", file);
      } catch (FileAlreadyExistsException known) {
        // Of an earlier start.
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String random() {
    byte[] secret = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(secret);
    return HexFormat.of().formatHex(secret);
  }

  @Override
  public void close() {
    callers.identities().close();
    callers.bans().close();
    invalidKeysLimiter.close();
    records.close();
  }
}
