// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.Objects.requireNonNull;

import dev.weir.server.identity.Identities;
import dev.weir.server.identity.InvalidKeys;

/**
 * Who callers are, and where that is kept.
 *
 * @param keys how API keys look and are hashed
 * @param invalidKeys when addresses are banned for keys that are nobody's
 * @param records where users, keys and bans are kept
 */
public record IdentitySettings(
    Identities.KeySettings keys, InvalidKeys.Settings invalidKeys, RecordSettings records) {

  /** Nothing configured. */
  public static final IdentitySettings NONE =
      new IdentitySettings(
          Identities.KeySettings.DEFAULT, InvalidKeys.Settings.DEFAULT, RecordSettings.DEFAULT);

  public IdentitySettings {
    requireNonNull(keys, "keys");
    requireNonNull(invalidKeys, "invalidKeys");
    requireNonNull(records, "records");
  }

  /** The same with records elsewhere. */
  public IdentitySettings records(RecordSettings other) {
    return new IdentitySettings(keys, invalidKeys, other);
  }
}
