// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.control;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/**
 * Policies that somebody put in force, or once did.
 *
 * @param version 1 for the first, and greater than any before; 0 for those of the files
 * @param author who put it
 * @param atMillis when; milliseconds since 1970-01-01T00:00:00Z
 * @param reason why; may be empty
 */
public record PolicyVersion(long version, String author, long atMillis, String reason) {

  public PolicyVersion {
    requireNonNull(author, "author");
    requireNonNull(reason, "reason");
  }

  JsonObject write() {
    return new JsonObject()
        .put("version", version)
        .put("author", author)
        .put("at", atMillis)
        .put("reason", reason);
  }

  static PolicyVersion read(JsonObject object) {
    return new PolicyVersion(
        object.getLong("version"),
        object.getString("author", ""),
        object.getLong("at", 0L),
        object.getString("reason", ""));
  }
}
