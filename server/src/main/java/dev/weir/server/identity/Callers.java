// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What a front end asks of those who call. Safe for use by any thread.
 *
 * @param identities who has which key
 * @param bans which addresses are refused
 * @param invalidKeys counts keys that are nobody's
 */
public record Callers(Identities identities, Bans bans, InvalidKeys invalidKeys) {

  public Callers {
    requireNonNull(identities, "identities");
    requireNonNull(bans, "bans");
    requireNonNull(invalidKeys, "invalidKeys");
  }

  /** What a key turns out to be; never blocks. */
  public Presented present(@Nullable String key) {
    return identities.present(key);
  }

  /** Whether any address may be banned. */
  public boolean anyBanned() {
    return bans.count() > 0;
  }

  /** The ban of an address; never blocks. */
  public Optional<Ban> ban(String address) {
    return bans.of(address);
  }

  /** Counts an invalid key; the ban that follows from it, if one does. */
  public CompletionStage<Optional<Ban>> invalid(String address) {
    return invalidKeys.count(address);
  }
}
