// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

import java.util.OptionalLong;
import java.util.Set;

/**
 * Makes what is kept of keys.
 *
 * @param format how they look
 * @param hash what they are known by
 */
record KeyMaker(KeyFormat format, KeyHash hash) {

  /** What is kept of a key. */
  ApiKey kept(
      String text,
      String user,
      String name,
      Set<String> scopes,
      long createdAtMillis,
      OptionalLong expiresAtMillis,
      boolean configured) {
    KeyHash.Digest digest = hash.hash(text);
    return new ApiKey(
        digest.id(),
        digest,
        format.start(text),
        user,
        name,
        scopes,
        createdAtMillis,
        expiresAtMillis,
        OptionalLong.empty(),
        configured);
  }
}
