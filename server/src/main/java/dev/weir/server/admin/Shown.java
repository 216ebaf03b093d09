// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Concurrency;
import dev.weir.core.FixedWindow;
import dev.weir.core.LimitState;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.TokenBucket;
import dev.weir.core.Verdict;
import dev.weir.server.identity.ApiKey;
import dev.weir.server.identity.Ban;
import dev.weir.server.identity.User;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.TreeSet;

/** How things look in answers. No secret, and no hash of one, has a place here. */
final class Shown {

  private Shown() {}

  /** A moment in RFC 3339. */
  static String moment(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }

  private static void moment(JsonObject into, String name, OptionalLong millis) {
    millis.ifPresent(at -> into.put(name, moment(at)));
  }

  static JsonObject user(User user) {
    JsonObject shown = new JsonObject().put("id", user.id()).put("tier", user.tier());
    user.tenant().ifPresent(tenant -> shown.put("tenant", tenant));
    shown.put("configured", user.configured());
    return user.configured() ? shown : shown.put("createdAt", moment(user.createdAtMillis()));
  }

  static JsonObject key(ApiKey key, long nowMillis) {
    JsonObject shown =
        new JsonObject()
            .put("id", key.id())
            .put("start", key.start())
            .put("user", key.user())
            .put("name", key.name())
            .put("scopes", new JsonArray(List.copyOf(new TreeSet<>(key.scopes()))))
            .put("configured", key.configured())
            .put("inForce", key.inForce(nowMillis));
    if (!key.configured()) {
      shown.put("createdAt", moment(key.createdAtMillis()));
    }
    moment(shown, "expiresAt", key.expiresAtMillis());
    moment(shown, "revokedAt", key.revokedAtMillis());
    return shown;
  }

  static JsonObject ban(Ban ban) {
    JsonObject shown =
        new JsonObject()
            .put("network", ban.network())
            .put("reason", ban.reason())
            .put("author", ban.author())
            .put("since", moment(ban.sinceMillis()));
    moment(shown, "until", ban.untilMillis());
    return shown;
  }

  /** What every limit of a decision says. */
  static JsonArray limits(List<LimitState> states) {
    JsonArray limits = new JsonArray();
    for (LimitState state : states) {
      Verdict verdict = state.verdict();
      long capacity = state.limit().algorithm().limit();
      JsonObject shown =
          new JsonObject()
              .put("policy", state.policy())
              .put("limit", state.limit().name())
              .put("mode", state.limit().mode().name().toLowerCase(Locale.ROOT))
              .put("algorithm", algorithm(state.limit().algorithm()))
              .put("capacity", capacity)
              .put("used", Math.max(0, capacity - verdict.remaining()))
              .put("remaining", verdict.remaining())
              .put("allowed", state.allowed())
              .put("resetAfterMillis", Math.ceilDiv(verdict.resetAfterMicros(), 1_000L));
      if (!state.allowed()) {
        shown.put("retryAfterMillis", Math.ceilDiv(verdict.retryAfterMicros(), 1_000L));
      }
      if (state.estimated()) {
        shown.put("estimated", true);
      }
      limits.add(shown);
    }
    return limits;
  }

  /** An algorithm's name in policy files. */
  static String algorithm(Algorithm algorithm) {
    return switch (algorithm) {
      case TokenBucket bucket -> "token-bucket";
      case FixedWindow window -> "fixed-window";
      case SlidingWindow window -> "sliding-window";
      case SlidingLog log -> "sliding-log";
      case CalendarQuota quota -> "calendar";
      case Concurrency permits -> "concurrency";
    };
  }
}
