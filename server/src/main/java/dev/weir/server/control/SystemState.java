// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.control;

import static java.util.Objects.requireNonNull;

import dev.weir.policy.PolicyCatalog;
import io.vertx.core.json.JsonObject;
import java.util.OptionalLong;

/**
 * The load state that the whole system is in.
 *
 * @param name its name
 * @param sinceMillis from when on; milliseconds since 1970-01-01T00:00:00Z, 0 if it never changed
 * @param untilMillis when it ends by itself, if it does
 * @param author who said so; {@link #AUTOMATIC} if nobody did
 * @param reason why; may be empty
 */
public record SystemState(
    String name, long sinceMillis, OptionalLong untilMillis, String author, String reason) {

  /** The author of a state that came by itself. */
  public static final String AUTOMATIC = "weir";

  public SystemState {
    requireNonNull(name, "name");
    requireNonNull(untilMillis, "untilMillis");
    requireNonNull(author, "author");
    requireNonNull(reason, "reason");
  }

  static SystemState normal(long sinceMillis, String reason) {
    return new SystemState(
        PolicyCatalog.NORMAL, sinceMillis, OptionalLong.empty(), AUTOMATIC, reason);
  }

  boolean isOver(long nowMillis) {
    return untilMillis.isPresent() && nowMillis >= untilMillis.getAsLong();
  }

  /** Whole seconds until it ends by itself, rounded up; empty if it does not. */
  public OptionalLong secondsLeft(long nowMillis) {
    return untilMillis.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(Math.max(0, Math.ceilDiv(untilMillis.getAsLong() - nowMillis, 1_000L)));
  }

  static SystemState read(String json) {
    JsonObject object = new JsonObject(json);
    Long until = object.getLong("until");
    return new SystemState(
        object.getString("name", PolicyCatalog.NORMAL),
        object.getLong("since", 0L),
        until == null ? OptionalLong.empty() : OptionalLong.of(until),
        object.getString("author", ""),
        object.getString("reason", ""));
  }

  String write() {
    JsonObject object =
        new JsonObject()
            .put("name", name)
            .put("since", sinceMillis)
            .put("author", author)
            .put("reason", reason);
    untilMillis.ifPresent(at -> object.put("until", at));
    return object.encode();
  }
}
