// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What is kept of an API key: never the key.
 *
 * @param id the first 16 hexadecimal digits of its keyed hash, which logs and answers may show
 * @param hash its keyed hash
 * @param start the first characters of a key that was made here, by which its owner knows it
 * @param user whose it is
 * @param name what its owner calls it; may be empty
 * @param scopes what it may be used for; none means everything
 * @param createdAtMillis when it was made; 0 if a file names it
 * @param expiresAtMillis from when on it is refused, if ever
 * @param revokedAtMillis when it was revoked, if it was
 * @param configured whether a file names it
 */
public record ApiKey(
    String id,
    KeyHash.Digest hash,
    String start,
    String user,
    String name,
    Set<String> scopes,
    long createdAtMillis,
    OptionalLong expiresAtMillis,
    OptionalLong revokedAtMillis,
    boolean configured) {

  /** The kind of their records. */
  static final String KIND = "key";

  static final int MAX_SCOPES = 32;
  private static final int MAX_NAME = 100;
  private static final Pattern SCOPE = Pattern.compile("[A-Za-z0-9_.:-]{1,64}");

  /**
   * Checks every part.
   *
   * @throws IllegalArgumentException if one is out of shape
   */
  public ApiKey {
    requireNonNull(id, "id");
    requireNonNull(hash, "hash");
    requireNonNull(start, "start");
    requireNonNull(user, "user");
    requireNonNull(expiresAtMillis, "expiresAtMillis");
    requireNonNull(revokedAtMillis, "revokedAtMillis");
    scopes = Set.copyOf(scopes);
    if (name.length() > MAX_NAME || name.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      throw new IllegalArgumentException(
          "name: \"" + Texts.shortened(name) + "\" (expected: up to 100 characters on one line)");
    }
    if (scopes.size() > MAX_SCOPES || !scopes.stream().allMatch(s -> SCOPE.matcher(s).matches())) {
      throw new IllegalArgumentException(
          "scopes: "
              + Texts.shortened(scopes.toString())
              + " (expected: up to "
              + MAX_SCOPES
              + ", each of 1..64 letters, digits and . _ : -)");
    }
  }

  /** Whether it is neither revoked nor expired. */
  public boolean inForce(long nowMillis) {
    return revokedAtMillis.isEmpty()
        && (expiresAtMillis.isEmpty() || nowMillis < expiresAtMillis.getAsLong());
  }

  /** Whether it may be used for something; one without scopes may be used for everything. */
  public boolean allows(String scope) {
    return scopes.isEmpty() || scopes.contains(scope);
  }

  /** The same, which expires then at the latest. */
  ApiKey expiringBy(long millis) {
    long end = expiresAtMillis.isPresent() ? Math.min(millis, expiresAtMillis.getAsLong()) : millis;
    return with(OptionalLong.of(end), revokedAtMillis);
  }

  ApiKey revoked(long atMillis) {
    return with(expiresAtMillis, OptionalLong.of(atMillis));
  }

  private ApiKey with(OptionalLong expires, OptionalLong revoked) {
    return new ApiKey(
        id, hash, start, user, name, scopes, createdAtMillis, expires, revoked, configured);
  }

  static ApiKey read(String id, String json) {
    JsonObject object = new JsonObject(json);
    Set<String> scopes = new TreeSet<>();
    for (Object scope : object.getJsonArray("scopes", new JsonArray())) {
      scopes.add(String.valueOf(scope));
    }
    return new ApiKey(
        id,
        KeyHash.Digest.of(object.getString("hash")),
        object.getString("start", ""),
        object.getString("user"),
        object.getString("name", ""),
        scopes,
        object.getLong("created", 0L),
        optional(object, "expires"),
        optional(object, "revoked"),
        false);
  }

  private static OptionalLong optional(JsonObject object, String name) {
    Long value = object.getLong(name);
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }

  String write() {
    JsonObject object =
        new JsonObject()
            .put("hash", hash.hex())
            .put("start", start)
            .put("user", user)
            .put("name", name)
            .put("scopes", new JsonArray(new TreeSet<>(scopes).stream().toList()))
            .put("created", createdAtMillis);
    expiresAtMillis.ifPresent(at -> object.put("expires", at));
    revokedAtMillis.ifPresent(at -> object.put("revoked", at));
    return object.encode();
  }
}
