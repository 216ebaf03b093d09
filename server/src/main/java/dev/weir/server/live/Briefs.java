// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.live;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Optional;

/**
 * Reads what other instances say of themselves. Whoever can write to the Redis could have said it:
 * what is not of the right kind is left out, and nothing else is passed on.
 */
final class Briefs {

  private static final int MAX_BYTES = 4_096;
  private static final int MAX_TEXT = 200;

  private static final JsonObject SHAPE =
      new JsonObject()
          .put("id", "")
          .put("name", "")
          .put("version", "")
          .put("startedAt", "")
          .put("draining", false)
          .put("at", "")
          .put("state", "")
          .put("policiesVersion", 0)
          .put("decisions", new JsonObject().put("allowed", 0).put("denied", 0))
          .put("latency", new JsonObject().put("p50", 0).put("p99", 0))
          .put("store", new JsonObject().put("kind", "").put("up", true).put("error", ""))
          .put("connections", 0)
          .put("cpu", 0)
          .put("heapUsed", 0)
          .put("heapMax", 0);

  private Briefs() {}

  /** What one of them says, if it can be read and says everything. */
  static Optional<JsonObject> read(byte[] text) {
    if (text.length == 0 || text.length > MAX_BYTES) {
      return Optional.empty();
    }
    try {
      JsonObject read = like(SHAPE, new JsonObject(Buffer.buffer(text)));
      return read.size() == SHAPE.size() ? Optional.of(read) : Optional.empty();
    } catch (DecodeException strange) {
      return Optional.empty();
    }
  }

  private static JsonObject like(JsonObject shape, JsonObject said) {
    JsonObject read = new JsonObject();
    for (Map.Entry<String, Object> field : shape) {
      Object value = said.getValue(field.getKey());
      if (field.getValue() instanceof JsonObject inner && value instanceof JsonObject object) {
        read.put(field.getKey(), like(inner, object));
      } else if (field.getValue() instanceof String && value instanceof String words) {
        read.put(field.getKey(), words.substring(0, Math.min(MAX_TEXT, words.length())));
      } else if (field.getValue() instanceof Number && value instanceof Number
          || field.getValue() instanceof Boolean && value instanceof Boolean) {
        read.put(field.getKey(), value);
      }
    }
    return read;
  }
}
