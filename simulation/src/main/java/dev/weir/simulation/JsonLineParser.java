// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes lines apart that hold one JSON object each.
 *
 * <p>A field of an inner object is known by its path, {@code request.uri}; of an array the first
 * value counts. Where a line has a field under several of its names, the best one is taken.
 */
final class JsonLineParser implements LineParser {

  private static final String NOT_JSON = "no JSON object";
  private static final int DEEPEST = 32;

  /*
   * Names are not kept in a table of the library: it is shared by all parsers, and a log of names that
   * are never the same would fill it.
   */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
          .build();

  private static final int UNSET = Integer.MAX_VALUE;

  /** A name, and what may be below it. */
  private static final class Names {
    final Map<String, Names> below = new HashMap<>();
    int[] slots = new int[0];
    int[] ranks = new int[0];

    void add(int slot, int rank) {
      slots = append(slots, slot);
      ranks = append(ranks, rank);
    }

    private static int[] append(int[] values, int value) {
      int[] longer = Arrays.copyOf(values, values.length + 1);
      longer[values.length] = value;
      return longer;
    }
  }

  private final Names names = new Names();
  private final int[] ranks;
  private final TimeParser times;

  JsonLineParser(LogFields fields, TimeParser times) {
    this.times = times;
    this.ranks = new int[fields.slots()];
    for (Field field : Field.values()) {
      List<String> candidates = fields.names(field);
      for (int i = 0; i < candidates.size(); i++) {
        add(candidates.get(i), field.slot(), i);
      }
    }
    fields.named().forEach((name, slot) -> add(name, slot, 0));
  }

  /** A name with dots is a path, or a name that has dots in it. */
  private void add(String name, int slot, int rank) {
    names.below.computeIfAbsent(name, n -> new Names()).add(slot, rank);
    if (name.indexOf('.') >= 0) {
      Names at = names;
      for (String part : name.split("\\.", -1)) {
        at = at.below.computeIfAbsent(part, n -> new Names());
      }
      at.add(slot, rank);
    }
  }

  @Override
  public @Nullable String parse(byte[] bytes, int from, int to, LogRecord record) {
    record.begin(bytes);
    Arrays.fill(ranks, UNSET);
    try (JsonParser parser = FACTORY.createParser(bytes, from, to - from)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return NOT_JSON;
      }
      object(parser, names, record);
      if (parser.nextToken() != null) {
        return NOT_JSON;
      }
    } catch (IOException e) {
      return NOT_JSON;
    }
    return complete(record, times);
  }

  private void object(JsonParser parser, Names known, LogRecord record) throws IOException {
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      Names child = known.below.get(name);
      JsonToken token = parser.nextToken();
      if (child == null) {
        parser.skipChildren();
      } else {
        value(parser, token, child, record);
      }
    }
    if (parser.currentToken() != JsonToken.END_OBJECT) {
      throw new IOException(NOT_JSON);
    }
  }

  private void value(JsonParser parser, @Nullable JsonToken token, Names name, LogRecord record)
      throws IOException {
    if (token == JsonToken.START_OBJECT) {
      object(parser, name, record);
    } else if (token == JsonToken.START_ARRAY) {
      boolean first = true;
      for (JsonToken item = parser.nextToken();
          item != JsonToken.END_ARRAY;
          item = parser.nextToken()) {
        if (item == null) {
          throw new IOException(NOT_JSON);
        }
        if (first && item.isScalarValue()) {
          take(parser, item, name, record);
        }
        first = false;
        parser.skipChildren();
      }
    } else if (token != null) {
      take(parser, token, name, record);
    }
  }

  private void take(JsonParser parser, JsonToken token, Names name, LogRecord record)
      throws IOException {
    if (name.slots.length == 0 || token == JsonToken.VALUE_NULL) {
      return;
    }
    String text = parser.getText();
    if (text.isEmpty() || text.equals("-")) {
      return;
    }
    for (int i = 0; i < name.slots.length; i++) {
      int slot = name.slots[i];
      if (name.ranks[i] < ranks[slot]) {
        ranks[slot] = name.ranks[i];
        record.set(slot, text);
      }
    }
  }

  /**
   * What follows from other fields: the time, the request line's parts, an address without port.
   */
  static @Nullable String complete(LogRecord record, TimeParser times) {
    String time = record.text(Field.TIME);
    long micros = time == null ? TimeParser.UNREADABLE : times.parse(time);
    if (micros == TimeParser.UNREADABLE) {
      return NO_TIME;
    }
    record.at(micros);
    String line = record.text(Field.REQUEST_LINE);
    if (line != null) {
      RequestLine.split(line, record);
    }
    String address = record.text(Field.ADDRESS);
    if (address != null) {
      record.set(Field.ADDRESS.slot(), withoutPort(address));
    }
    return null;
  }

  private static String withoutPort(String address) {
    int colon = address.indexOf(':');
    if (colon < 0) {
      return address;
    }
    if (address.startsWith("[")) {
      int close = address.indexOf(']');
      return close < 0 ? address : address.substring(1, close);
    }
    return colon == address.lastIndexOf(':') ? address.substring(0, colon) : address;
  }
}
