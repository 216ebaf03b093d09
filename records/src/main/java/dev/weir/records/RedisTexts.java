// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** What goes to the scripts and comes from them. */
final class RedisTexts {

  private static final int AUDIT_TEXTS = 7;
  private static final Map<String, byte[]> SCRIPTS = new ConcurrentHashMap<>();

  private RedisTexts() {}

  static byte[] script(String name) {
    return SCRIPTS.computeIfAbsent(name, RedisTexts::read);
  }

  private static byte[] read(String name) {
    try (InputStream file = RedisTexts.class.getResourceAsStream(name + ".lua")) {
      if (file == null) {
        throw new IllegalStateException("script: " + name + " is missing");
      }
      return file.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A name for a set of records that begins now. */
  static String newEpoch() {
    return UUID.randomUUID().toString();
  }

  static String text(Object answered) {
    return new String((byte[]) answered, UTF_8);
  }

  static RecordKey key(Object answered) {
    String name = text(answered);
    int colon = name.indexOf(':');
    return new RecordKey(name.substring(0, colon), name.substring(colon + 1));
  }

  /** Of "version millis value". */
  static StoredRecord stored(RecordKey key, Object answered) {
    String kept = text(answered);
    int first = kept.indexOf(' ');
    int second = kept.indexOf(' ', first + 1);
    return new StoredRecord(
        key,
        Long.parseLong(kept.substring(0, first)),
        kept.substring(second + 1),
        Long.parseLong(kept.substring(first + 1, second)));
  }

  /** The arguments of {@code change.lua}. */
  static String[] step(List<Change> changes, Optional<AuditEntry> audit) {
    List<String> arguments = new ArrayList<>();
    arguments.add(Integer.toString(changes.size()));
    arguments.add(newEpoch());
    arguments.add(Integer.toString(Bounds.MAX_RECORDS));
    arguments.add(Long.toString(Bounds.MAX_TOTAL_BYTES));
    arguments.add(Integer.toString(Bounds.MAX_AUDIT_RECORDS));
    arguments.add(audit.isPresent() ? "1" : "0");
    arguments.add(audit.map(AuditEntry::author).orElse(""));
    arguments.add(audit.map(AuditEntry::action).orElse(""));
    arguments.add(audit.map(AuditEntry::target).orElse(""));
    arguments.add(audit.map(AuditEntry::before).orElse(""));
    arguments.add(audit.map(AuditEntry::after).orElse(""));
    for (Change change : changes) {
      arguments.add(change.key().toString());
      arguments.add(Long.toString(change.expectedVersion()));
      arguments.add(change.value().isPresent() ? "1" : "0");
      arguments.add(change.value().orElse(""));
    }
    return arguments.toArray(String[]::new);
  }

  /** The answer of {@code audit.lua}. */
  static List<AuditRecord> audit(List<Object> answer) {
    List<AuditRecord> page = new ArrayList<>();
    for (int i = 0; i < answer.size(); i += AUDIT_TEXTS) {
      List<String> texts =
          answer.subList(i, i + AUDIT_TEXTS).stream().map(RedisTexts::text).toList();
      page.add(
          new AuditRecord(
              Long.parseLong(texts.get(0)),
              Long.parseLong(texts.get(1)),
              new AuditEntry(
                  texts.get(2), texts.get(3), texts.get(4), texts.get(5), texts.get(6))));
    }
    return page;
  }
}
