// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.records.FileRecords;
import dev.weir.records.MemoryRecords;
import dev.weir.records.RecordStore;
import dev.weir.records.RedisRecords;
import dev.weir.redis.RedisOptions;
import dev.weir.server.identity.Identities.KeySettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records of a server, and how the keys among them are hashed.
 *
 * @param store where records are
 * @param keys with a secret, unless the records are shared and none is configured
 */
record OpenRecords(RecordStore store, KeySettings keys) {

  private static final Logger LOG = LoggerFactory.getLogger(OpenRecords.class);
  private static final String SECRET_FILE = "key-secret";
  private static final int SECRET_BYTES = 32;

  /**
   * Opens what the configuration says.
   *
   * @throws dev.weir.records.RecordStoreException if it cannot be used
   */
  static OpenRecords open(Configuration configuration) {
    RecordSettings settings = configuration.identities().records();
    KeySettings keys = configuration.identities().keys();
    if (settings.dataDir().isPresent()) {
      Path folder = settings.dataDir().get();
      RecordStore store = FileRecords.open(folder);
      return new OpenRecords(store, keys.secret().isPresent() ? keys : keys.secret(kept(folder)));
    }
    Optional<RedisOptions> redis = settings.redis().or(() -> configuration.store().redis());
    if (redis.isPresent()) {
      return new OpenRecords(RedisRecords.connect(redis.get()), keys);
    }
    // Keys end with the process, as their secret does.
    return new OpenRecords(
        MemoryRecords.create(), keys.secret().isPresent() ? keys : keys.secret(random()));
  }

  /**
   * The secret in a file, which is made if there is none; its owner alone may read it. A process
   * that is killed meanwhile leaves the whole secret or none. The folder is locked by this process.
   */
  private static String kept(Path folder) {
    Path file = folder.resolve(SECRET_FILE);
    try {
      // An empty one was never hashed with.
      if (!Files.exists(file) || Files.readString(file).isBlank()) {
        Path next = folder.resolve(SECRET_FILE + ".next");
        Files.deleteIfExists(next);
        Files.createFile(
            next,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(next, random(), StandardOpenOption.SYNC);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        // A new name is on the disk when its folder is.
        try (FileChannel channel = FileChannel.open(folder)) {
          channel.force(true);
        }
        LOG.info("made the secret of API keys: {}", file);
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
}
