// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.Objects.requireNonNull;

import dev.weir.policy.InvalidFileException;
import dev.weir.policy.Problem;
import dev.weir.policy.TiersJson;
import dev.weir.server.identity.Configured;
import dev.weir.server.identity.Identities;
import dev.weir.server.identity.InvalidKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who callers are, and where that is kept.
 *
 * @param keys how API keys look and are hashed
 * @param invalidKeys when addresses are banned for keys that are nobody's
 * @param records where users, keys and bans are kept
 * @param files JSON files that name users and keys
 */
public record IdentitySettings(
    Identities.KeySettings keys,
    InvalidKeys.Settings invalidKeys,
    RecordSettings records,
    List<Path> files) {

  /** Nothing configured. */
  public static final IdentitySettings NONE =
      new IdentitySettings(
          Identities.KeySettings.DEFAULT,
          InvalidKeys.Settings.DEFAULT,
          RecordSettings.DEFAULT,
          List.of());

  public IdentitySettings {
    requireNonNull(keys, "keys");
    requireNonNull(invalidKeys, "invalidKeys");
    requireNonNull(records, "records");
    files = List.copyOf(files);
  }

  /**
   * What the files say now.
   *
   * @throws InvalidFileException if one of them cannot be used, or two name the same user or key
   */
  Configured configured() {
    Map<String, String> users = new HashMap<>();
    Map<String, String> keys = new HashMap<>();
    for (Path file : files) {
      TiersJson read = read(file);
      read.users().forEach((user, tier) -> put(users, user, tier, file, "user \"" + user + '"'));
      read.apiKeys().forEach((key, user) -> put(keys, key, user, file, "a key of " + user));
    }
    return new Configured(users, keys);
  }

  private static TiersJson read(Path file) {
    try {
      return TiersFiles.read(file);
    } catch (IOException e) {
      throw problem(file, Unreadable.why(e));
    }
  }

  private static void put(
      Map<String, String> all, String name, String value, Path file, String shown) {
    if (all.put(name, value) != null) {
      throw problem(file, shown + " (expected: in one file only)");
    }
  }

  private static InvalidFileException problem(Path file, String message) {
    return new InvalidFileException(List.of(new Problem(file.toString(), 1, 1, "", message)));
  }

  /** The same with records elsewhere. */
  public IdentitySettings records(RecordSettings other) {
    return new IdentitySettings(keys, invalidKeys, other, files);
  }
}
