// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.weir.server.wire.BadRequest;
import dev.weir.server.wire.Problem;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON of administrators: one object, each name once, not deep. What is wrong is told
 * with its place and without the text, which may hold a secret.
 */
final class StrictJson {

  static final int MAX_DEPTH = 16;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(40)
                  .maxNameLength(200)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private StrictJson() {}

  /**
   * The object that the bytes are; nothing is an empty one.
   *
   * @throws BadRequest if they are anything else
   */
  static JsonObject object(byte[] bytes) {
    if (bytes.length == 0) {
      return new JsonObject();
    }
    try (JsonParser parser = FACTORY.createParser(bytes)) {
      try {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
          throw wrong(parser, "a JSON object");
        }
        JsonObject object = readObject(parser);
        if (parser.nextToken() != null) {
          throw wrong(parser, "nothing after the object");
        }
        return object;
      } catch (JsonProcessingException e) {
        throw wrong(parser, "JSON in UTF-8, each name once, at most " + MAX_DEPTH + " values deep");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static BadRequest wrong(JsonParser parser, String expected) {
    long at = parser.currentLocation().getByteOffset();
    // Of a body that ends too early the parser knows no byte.
    String how = at < 0 ? "cut short" : "malformed at byte " + at;
    Problem problem =
        Problem.of(400, "body: " + how + " (expected: " + expected + ")")
            .with("name", "body")
            .with("expected", expected);
    return new BadRequest(at < 0 ? problem : problem.with("position", at));
  }

  private static JsonObject readObject(JsonParser parser) throws IOException {
    JsonObject object = new JsonObject();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      object.put(name, value(parser));
    }
    return object;
  }

  private static JsonArray readArray(JsonParser parser) throws IOException {
    JsonArray array = new JsonArray();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      array.add(value(parser));
    }
    return array;
  }

  private static @Nullable Object value(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    return switch (token) {
      case START_OBJECT -> readObject(parser);
      case START_ARRAY -> readArray(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> parser.getNumberValue();
      case VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw wrong(parser, "a JSON value");
    };
  }
}
