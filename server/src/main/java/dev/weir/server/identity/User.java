// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Somebody whose requests are counted together.
 *
 * @param id 1..200 letters, digits and {@code . _ @ : -}
 * @param tier what they bought; 1..100 letters, digits and {@code _ . -}
 * @param tenant whom they belong to, of the same letters as the id
 * @param createdAtMillis when they were created; 0 if a file names them
 * @param configured whether a file names them
 */
public record User(
    String id, String tier, Optional<String> tenant, long createdAtMillis, boolean configured) {

  /** The kind of their records. */
  static final String KIND = "user";

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._@:-]{1,200}");
  private static final Pattern TIER = Pattern.compile("[A-Za-z0-9_.-]{1,100}");

  /**
   * Checks every part.
   *
   * @throws IllegalArgumentException if one is out of shape
   */
  public User {
    check("user_id", requireNonNull(id, "id"), ID, "1..200 letters, digits and . _ @ : -");
    check("tier", requireNonNull(tier, "tier"), TIER, "1..100 letters, digits and . _ -");
    requireNonNull(tenant, "tenant")
        .ifPresent(text -> check("tenant", text, ID, "1..200 letters, digits and . _ @ : -"));
  }

  private static void check(String name, String value, Pattern shape, String expected) {
    if (!shape.matcher(value).matches()) {
      throw new IllegalArgumentException(
          name + ": \"" + Texts.shortened(value) + "\" (expected: " + expected + ")");
    }
  }

  /** Somebody whom a file names. */
  public static User configured(String id, String tier) {
    return new User(id, tier, Optional.empty(), 0, true);
  }

  /** The same with another tier. */
  User tier(String other) {
    return new User(id, other, tenant, createdAtMillis, configured);
  }

  /** The same with another tenant, or none. */
  User tenant(Optional<String> other) {
    return new User(id, tier, other, createdAtMillis, configured);
  }

  static User read(String id, String json) {
    JsonObject object = new JsonObject(json);
    return new User(
        id,
        object.getString("tier"),
        Optional.ofNullable(object.getString("tenant")),
        object.getLong("created", 0L),
        false);
  }

  String write() {
    JsonObject object = new JsonObject().put("tier", tier);
    tenant.ifPresent(text -> object.put("tenant", text));
    return object.put("created", createdAtMillis).encode();
  }
}
