// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.http;

import dev.weir.core.Descriptor;
import dev.weir.server.wire.BadRequest;
import dev.weir.server.wire.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the bodies of the decision API. Every error names the field, its value, what was expected
 * and the byte. Reused by one event loop; not safe for several threads.
 */
final class CheckReader {

  /** Most checks of one batch. */
  static final int MAX_CHECKS = 1_000;

  /** Most descriptors of one check; each is charged at least once. */
  static final int MAX_DESCRIPTORS = 100;

  /** Most receipts of one refund. */
  static final int MAX_RECEIPTS = 100;

  private static final long MAX_TTL_MILLIS = 86_400_000;

  /** The fields of a check, each at most once. */
  enum Field {
    DOMAIN("domain", 1),
    DESCRIPTORS("descriptors", 2),
    STATES("states", 4),
    ID("id", 8),
    TTL_MILLIS("ttlMillis", 16);

    private final String word;
    private final int bit;

    Field(String word, int bit) {
      this.word = word;
      this.bit = bit;
    }
  }

  /** What a check may say. */
  static final Set<Field> CHECK = EnumSet.of(Field.DOMAIN, Field.DESCRIPTORS, Field.STATES);

  static final Set<Field> HOLD =
      EnumSet.of(Field.DOMAIN, Field.DESCRIPTORS, Field.STATES, Field.ID, Field.TTL_MILLIS);

  static final Set<Field> RELEASE = EnumSet.of(Field.DOMAIN, Field.DESCRIPTORS, Field.ID);

  /** The name of the object that is being read. */
  private static final String OWNER = "";

  private final JsonReader json = new JsonReader(this::path);
  private final List<List<Descriptor.Entry>> entries = new ArrayList<>();
  private final Descriptor.Entry[] scratch = new Descriptor.Entry[Descriptor.MAX_ENTRIES];
  private long[] costs = new long[8];

  // Where in the body the reader is, for the names in errors; -1 outside a list.
  private int checkIndex = -1;
  private int descriptorIndex = -1;
  private int entryIndex = -1;

  /** One check as it was read. */
  record Check(List<Descriptor> descriptors, boolean states, @Nullable String id, long ttlMillis) {}

  Check check(byte[] bytes, int from, int to, Set<Field> allowed) {
    begin(bytes, from, to);
    Check check = check(allowed);
    json.atEnd();
    return check;
  }

  /** Reads {@code {"checks":[…]}}. */
  List<Check> checks(byte[] bytes, int from, int to) {
    begin(bytes, from, to);
    only("checks");
    List<Check> checks = new ArrayList<>();
    json.expect('[', "checks", "a list");
    if (!json.skip(']')) {
      do {
        if (checks.size() == MAX_CHECKS) {
          throw tooMany("checks", MAX_CHECKS);
        }
        checkIndex = checks.size();
        checks.add(check(CHECK));
      } while (json.another(']', "checks"));
    }
    checkIndex = -1;
    if (checks.isEmpty()) {
      throw BadRequest.at("checks", "[]", "1.." + MAX_CHECKS + " checks", json.position());
    }
    closeOnly();
    return checks;
  }

  /** Reads {@code {"receipts":[…]}}. */
  List<String> receipts(byte[] bytes, int from, int to) {
    begin(bytes, from, to);
    only("receipts");
    List<String> receipts = new ArrayList<>();
    json.expect('[', "receipts", "a list");
    if (!json.skip(']')) {
      do {
        if (receipts.size() == MAX_RECEIPTS) {
          throw tooMany("receipts", MAX_RECEIPTS);
        }
        receipts.add(json.string("receipts[" + receipts.size() + "]"));
      } while (json.another(']', "receipts"));
    }
    closeOnly();
    return receipts;
  }

  private void begin(byte[] bytes, int from, int to) {
    json.reset(bytes, from, to);
    checkIndex = -1;
    descriptorIndex = -1;
    entryIndex = -1;
  }

  private void only(String field) {
    json.expect('{', OWNER, "a JSON object");
    String name = json.field(OWNER);
    if (!name.equals(field)) {
      throw unknown(name, "\"" + field + "\"");
    }
  }

  private void closeOnly() {
    if (json.skip(',')) {
      throw unknown(json.field(OWNER), "no further field");
    }
    json.expect('}', OWNER, "'}'");
    json.atEnd();
  }

  private Check check(Set<Field> allowed) {
    json.expect('{', OWNER, "a JSON object");
    String domain = null;
    String id = null;
    int count = -1;
    boolean states = false;
    long ttlMillis = 0;
    int seen = 0;
    if (!json.skip('}')) {
      do {
        String name = json.field(OWNER);
        Field field = field(name, allowed);
        seen = once(seen, field.bit, name);
        switch (field) {
          case DOMAIN -> domain = notEmpty(json.interned("domain"), "domain");
          case DESCRIPTORS -> count = descriptors();
          case STATES -> states = json.bool("states");
          case ID -> id = id();
          case TTL_MILLIS -> ttlMillis = json.number("ttlMillis", 1, MAX_TTL_MILLIS);
        }
      } while (json.another('}', OWNER));
    }
    if (domain == null) {
      throw missing("domain", "a string");
    }
    if (count < 0) {
      throw missing("descriptors", "a list of 1.." + MAX_DESCRIPTORS + " descriptors");
    }
    return new Check(build(domain, count), states, id, ttlMillis);
  }

  private String id() {
    String id = json.string("id");
    if (id.isEmpty() || id.length() > 100) {
      throw BadRequest.at(
          path("id"), id.length() + " characters", "1..100 characters", json.position());
    }
    return id;
  }

  private Field field(String name, Set<Field> allowed) {
    Field field =
        switch (name) {
          case "domain" -> Field.DOMAIN;
          case "descriptors" -> Field.DESCRIPTORS;
          case "states" -> Field.STATES;
          case "id" -> Field.ID;
          case "ttlMillis" -> Field.TTL_MILLIS;
          default -> null;
        };
    if (field == null || !allowed.contains(field)) {
      throw unknown(name, String.join(", ", allowed.stream().map(f -> f.word).toList()));
    }
    return field;
  }

  private int descriptors() {
    entries.clear();
    json.expect('[', "descriptors", "a list");
    int count = 0;
    if (!json.skip(']')) {
      do {
        if (count == MAX_DESCRIPTORS) {
          throw tooMany("descriptors", MAX_DESCRIPTORS);
        }
        descriptorIndex = count;
        descriptor(count++);
      } while (json.another(']', "descriptors"));
    }
    descriptorIndex = -1;
    if (count == 0) {
      throw BadRequest.at(
          path("descriptors"), "[]", "1.." + MAX_DESCRIPTORS + " descriptors", json.position());
    }
    return count;
  }

  private void descriptor(int index) {
    json.expect('{', OWNER, "a JSON object");
    if (index == costs.length) {
      costs = Arrays.copyOf(costs, 2 * costs.length);
    }
    costs[index] = 1;
    List<Descriptor.Entry> read = null;
    int seen = 0;
    if (!json.skip('}')) {
      do {
        String name = json.field(OWNER);
        switch (name) {
          case "entries" -> {
            seen = once(seen, 1, name);
            read = entries();
          }
          case "cost" -> {
            seen = once(seen, 2, name);
            costs[index] = json.number("cost", 0, Descriptor.MAX_COST);
          }
          default -> throw unknown(name, "entries, cost");
        }
      } while (json.another('}', OWNER));
    }
    if (read == null) {
      throw missing("entries", "a list of 0.." + Descriptor.MAX_ENTRIES + " entries");
    }
    entries.add(read);
  }

  private List<Descriptor.Entry> entries() {
    json.expect('[', "entries", "a list");
    int count = 0;
    if (!json.skip(']')) {
      do {
        if (count == Descriptor.MAX_ENTRIES) {
          throw tooMany("entries", Descriptor.MAX_ENTRIES);
        }
        entryIndex = count;
        scratch[count++] = entry();
      } while (json.another(']', "entries"));
    }
    entryIndex = -1;
    return count == 1 ? List.of(scratch[0]) : List.of(Arrays.copyOf(scratch, count));
  }

  private Descriptor.Entry entry() {
    json.expect('{', OWNER, "a JSON object");
    String key = null;
    String value = null;
    int seen = 0;
    if (!json.skip('}')) {
      do {
        String name = json.field(OWNER);
        switch (name) {
          case "key" -> {
            seen = once(seen, 1, name);
            key = notEmpty(json.interned("key"), "key");
          }
          case "value" -> {
            seen = once(seen, 2, name);
            value = json.string("value");
          }
          default -> throw unknown(name, "key, value");
        }
      } while (json.another('}', OWNER));
    }
    if (key == null) {
      throw missing("key", "a string");
    }
    if (value == null) {
      throw missing("value", "a string");
    }
    return new Descriptor.Entry(key, value);
  }

  private List<Descriptor> build(String domain, int count) {
    if (count == 1) {
      return List.of(descriptor(domain, 0));
    }
    Descriptor[] descriptors = new Descriptor[count];
    for (int i = 0; i < count; i++) {
      descriptors[i] = descriptor(domain, i);
    }
    return List.of(descriptors);
  }

  private Descriptor descriptor(String domain, int index) {
    try {
      Descriptor descriptor = Descriptor.of(domain, entries.get(index));
      return costs[index] == 1 ? descriptor : descriptor.withCost(costs[index]);
    } catch (IllegalArgumentException e) {
      throw new BadRequest(
          Problem.of(400, String.valueOf(e.getMessage()))
              .with("name", "descriptors[" + index + "]"));
    }
  }

  private String notEmpty(String text, String name) {
    if (text.isEmpty()) {
      throw BadRequest.at(path(name), "\"\"", "1 or more characters", json.position());
    }
    return text;
  }

  private int once(int seen, int bit, String name) {
    if ((seen & bit) != 0) {
      throw BadRequest.at(path(name), "given twice", "given once", json.position());
    }
    return seen | bit;
  }

  private BadRequest missing(String name, String expected) {
    return BadRequest.at(path(name), "missing", expected, json.position());
  }

  private BadRequest unknown(String name, String expected) {
    return BadRequest.at(path(name), "unknown field", expected, json.position());
  }

  private BadRequest tooMany(String name, int most) {
    return BadRequest.at(path(name), "more than " + most, "at most " + most, json.position());
  }

  private String path(String field) {
    if (checkIndex < 0 && descriptorIndex < 0) {
      return field.isEmpty() ? "body" : field;
    }
    StringBuilder path = new StringBuilder();
    if (checkIndex >= 0) {
      path.append("checks[").append(checkIndex).append("].");
    }
    if (descriptorIndex >= 0) {
      path.append("descriptors[").append(descriptorIndex).append("].");
    }
    if (entryIndex >= 0) {
      path.append("entries[").append(entryIndex).append("].");
    }
    return field.isEmpty() ? path.substring(0, path.length() - 1) : path.append(field).toString();
  }
}
