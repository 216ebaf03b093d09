// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Reads a {@code RateLimitRequest} in the JSON of Protocol Buffers: names in either spelling, whole
 * numbers also as texts, {@code null} for what is left out, and nothing unknown.
 */
final class QueryJson {

  private static final BigInteger MAX_UINT32 = BigInteger.valueOf(0xFFFF_FFFFL);
  private static final BigInteger MAX_UINT64 = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
  private static final Pattern WHOLE = Pattern.compile("[0-9]{1,20}");
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(8)
                  .maxNumberLength(40)
                  .maxNameLength(200)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  /** Takes the value of one field. */
  private interface Field {
    void read(String name) throws IOException;
  }

  private final JsonParser parser;

  private QueryJson(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * The request that the bytes are.
   *
   * @throws IllegalArgumentException if they are none; tells what was expected and where
   */
  static Query read(byte[] bytes, int from, int to) {
    try (JsonParser parser = FACTORY.createParser(bytes, from, to - from)) {
      QueryJson reader = new QueryJson(parser);
      try {
        parser.nextToken();
        Query query = reader.query();
        if (parser.nextToken() != null) {
          throw reader.wrong("nothing after the object");
        }
        return query;
      } catch (JsonProcessingException e) {
        throw reader.wrong("JSON in UTF-8, each name once");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private IllegalArgumentException wrong(String expected) {
    return new IllegalArgumentException(
        "body: malformed at byte "
            + parser.currentLocation().getByteOffset()
            + " (expected: "
            + expected
            + ")");
  }

  private Query query() throws IOException {
    var found =
        new Object() {
          String domain = "";
          long hits;
          final List<Query.Asked> descriptors = new ArrayList<>(2);
        };
    object(
        name -> {
          switch (name) {
            case "domain" -> found.domain = text();
            case "hitsAddend", "hits_addend" -> found.hits = number(MAX_UINT32);
            case "descriptors" ->
                array(
                    () -> {
                      if (found.descriptors.size() == Query.MAX_DESCRIPTORS) {
                        throw wrong("at most " + Query.MAX_DESCRIPTORS + " descriptors");
                      }
                      found.descriptors.add(descriptor());
                    });
            default -> throw wrong("domain, descriptors or hitsAddend");
          }
        });
    return new Query(found.domain, found.hits, found.descriptors);
  }

  private Query.Asked descriptor() throws IOException {
    var found =
        new Object() {
          final List<String> entries = new ArrayList<>(4);
          boolean hitsGiven;
          long hits;
          boolean negative;
          boolean override;
          long requestsPerUnit;
          int unit;
        };
    object(
        name -> {
          switch (name) {
            case "entries" -> array(() -> entry(found.entries));
            case "hitsAddend", "hits_addend" -> {
              found.hitsGiven = true;
              found.hits = number(MAX_UINT64);
            }
            case "isNegativeHits", "is_negative_hits" -> found.negative = truth();
            case "limit" -> {
              found.override = true;
              object(
                  field -> {
                    switch (field) {
                      case "requestsPerUnit", "requests_per_unit" ->
                          found.requestsPerUnit = number(MAX_UINT32);
                      case "unit" -> found.unit = unit();
                      default -> throw wrong("requestsPerUnit or unit");
                    }
                  });
            }
            default -> throw wrong("entries, limit, hitsAddend or isNegativeHits");
          }
        });
    return new Query.Asked(
        found.entries,
        found.hitsGiven,
        found.hits,
        found.negative,
        found.override,
        found.requestsPerUnit,
        found.unit);
  }

  private void entry(List<String> entries) throws IOException {
    String[] texts = {"", ""};
    object(
        name -> {
          switch (name) {
            case "key" -> texts[0] = text();
            case "value" -> texts[1] = text();
            default -> throw wrong("key or value");
          }
        });
    entries.add(texts[0]);
    entries.add(texts[1]);
  }

  /** The fields of the object at hand that have a value. */
  private void object(Field field) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw wrong("an object");
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_NULL) {
        field.read(name);
      }
    }
  }

  /** One item of a list. */
  private interface Item {
    void read() throws IOException;
  }

  private void array(Item item) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw wrong("a list");
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      item.read();
    }
  }

  private String text() throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw wrong("a text");
    }
    return parser.getText();
  }

  private boolean truth() {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> throw wrong("true or false");
    };
  }

  private long number(BigInteger max) throws IOException {
    JsonToken token = parser.currentToken();
    boolean text = token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_STRING;
    if (text && WHOLE.matcher(parser.getText()).matches()) {
      BigInteger number = new BigInteger(parser.getText());
      if (number.compareTo(max) <= 0) {
        return number.longValue();
      }
    }
    throw wrong("a whole number, 0.." + max);
  }

  private int unit() throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      return (int) number(BigInteger.valueOf(Integer.MAX_VALUE));
    }
    String name = text();
    for (Unit unit : Unit.values()) {
      if (unit.name().equals(name.toUpperCase(Locale.ROOT)) && unit != Unit.WEEK) {
        return unit.number();
      }
    }
    throw wrong("SECOND, MINUTE, HOUR, DAY, MONTH or YEAR");
  }
}
