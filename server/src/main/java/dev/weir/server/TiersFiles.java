// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.policy.Document;
import dev.weir.policy.TiersJson;
import dev.weir.policy.TiersJsonImporter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * JSON files of tiers, users and keys. Several parts of a configuration read the same one, which
 * may be long: it is read anew only when it says something else. Safe for use by any thread.
 */
final class TiersFiles {

  private static final Map<Path, Known> KNOWN = new ConcurrentHashMap<>();

  /** What a text said. */
  private record Known(String text, TiersJson said) {}

  private TiersFiles() {}

  /**
   * What a file says of users, keys and Redis.
   *
   * @throws IOException if it cannot be read
   * @throws dev.weir.policy.InvalidFileException if it is wrong
   */
  static TiersJson read(Path file) throws IOException {
    Path place = file.toAbsolutePath().normalize();
    String text = Document.text(place);
    Known known = KNOWN.get(place);
    if (known == null || !known.text.equals(text)) {
      known =
          new Known(
              text,
              TiersJsonImporter.parse(place.toString(), text, "unused", UnaryOperator.identity()));
      KNOWN.put(place, known);
    }
    return known.said;
  }
}
