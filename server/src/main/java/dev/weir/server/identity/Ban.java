// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;
import java.util.OptionalLong;

/**
 * An address or network whose requests are refused.
 *
 * @param network the address or network, in its canonical text
 * @param reason why
 * @param author who banned it; {@link #AUTOMATIC} for the server itself
 * @param sinceMillis from when on
 * @param untilMillis until when, unless for good
 */
public record Ban(
    String network, String reason, String author, long sinceMillis, OptionalLong untilMillis) {

  /** The author of bans that follow from invalid keys. */
  public static final String AUTOMATIC = "weir";

  /** The kind of their records. */
  static final String KIND = "ban";

  private static final int MAX_REASON = 500;

  /**
   * @throws IllegalArgumentException if the reason is too long
   */
  public Ban {
    requireNonNull(network, "network");
    requireNonNull(author, "author");
    requireNonNull(untilMillis, "untilMillis");
    if (reason.length() > MAX_REASON) {
      throw new IllegalArgumentException("reason: too long (expected: up to 500 characters)");
    }
  }

  boolean inForce(long nowMillis) {
    return untilMillis.isEmpty() || nowMillis < untilMillis.getAsLong();
  }

  /** Whole seconds until it ends, rounded up; an hour if it does not. */
  public long secondsLeft(long nowMillis) {
    return untilMillis.isEmpty()
        ? 3_600
        : Math.max(1, Math.ceilDiv(untilMillis.getAsLong() - nowMillis, 1_000L));
  }

  static Ban read(String network, String json) {
    JsonObject object = new JsonObject(json);
    Long until = object.getLong("until");
    return new Ban(
        network,
        object.getString("reason", ""),
        object.getString("author", ""),
        object.getLong("since", 0L),
        until == null ? OptionalLong.empty() : OptionalLong.of(until));
  }

  String write() {
    JsonObject object =
        new JsonObject().put("reason", reason).put("author", author).put("since", sinceMillis);
    untilMillis.ifPresent(at -> object.put("until", at));
    return object.encode();
  }
}
