// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

import dev.weir.records.Batch;
import dev.weir.records.RecordKey;
import dev.weir.records.StoredRecord;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All users and keys in memory, as the records are. Read by any thread; written by the thread that
 * follows the records and by those that made a change.
 */
final class Directory {

  private static final Logger LOG = LoggerFactory.getLogger(Directory.class);

  /**
   * A value and the version of its record.
   *
   * @param version of the record; 0 if a file names it
   */
  record Held<T>(T value, long version) {}

  /**
   * A key with its user, so that a request looks up one thing. What is remembered counts for one
   * generation of the directory; a race remembers it twice.
   */
  private static final class Entry {
    private final ApiKey key;
    private final long version;
    private @Nullable Remembered remembered;

    Entry(ApiKey key, long version) {
      this.key = key;
      this.version = version;
    }
  }

  private record Remembered(Presented.Caller caller, long generation) {}

  /** A user's keys are told by their ids, since they change more often than they are asked for. */
  private record Snapshot(
      Map<String, Held<User>> users, Map<Long, Entry> keys, Map<String, Set<Long>> keysOfUsers) {
    Snapshot() {
      this(new ConcurrentHashMap<>(), new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
    }
  }

  private volatile Snapshot records = new Snapshot();
  private volatile boolean loaded;

  /** Goes up after each change. */
  private final AtomicLong generation = new AtomicLong();

  private volatile Snapshot configured = new Snapshot();

  void configured(Collection<User> users, Collection<ApiKey> keys) {
    Snapshot next = new Snapshot();
    users.forEach(user -> next.users.put(user.id(), new Held<>(user, 0)));
    keys.forEach(key -> put(next, new Entry(key, 0)));
    configured = next;
    generation.incrementAndGet();
  }

  @Nullable User user(String id) {
    Held<User> held = records.users.get(id);
    if (held == null) {
      held = configured.users.get(id);
    }
    return held == null ? null : held.value;
  }

  @Nullable ApiKey key(KeyHash.Digest hash) {
    Entry entry = entry(hash.first());
    return entry != null && entry.key.hash().equals(hash) ? entry.key : null;
  }

  @Nullable ApiKey key(long first) {
    Entry entry = entry(first);
    return entry == null ? null : entry.key;
  }

  /** The key with an id as it is shown. */
  Optional<ApiKey> keyWithId(String id) {
    return id.matches("[0-9a-f]{16}")
        ? Optional.ofNullable(key(Long.parseUnsignedLong(id, 16)))
        : Optional.empty();
  }

  /** The key of a hash with its user; null if one of them is not there. */
  Presented.@Nullable Caller caller(KeyHash.Digest hash) {
    Entry entry = entry(hash.first());
    if (entry == null || !entry.key.hash().equals(hash)) {
      return null;
    }
    long now = generation.get();
    Remembered remembered = entry.remembered;
    if (remembered != null && remembered.generation == now) {
      return remembered.caller;
    }
    User user = user(entry.key.user());
    if (user == null) {
      return null;
    }
    Presented.Caller caller = new Presented.Caller(user, entry.key);
    entry.remembered = new Remembered(caller, now);
    return caller;
  }

  private @Nullable Entry entry(long first) {
    Entry entry = records.keys.get(first);
    return entry == null ? configured.keys.get(first) : entry;
  }

  /** All users, those of the records before those of files, which they hide. */
  Map<String, User> users() {
    Map<String, User> all = new TreeMap<>();
    configured.users.forEach((id, held) -> all.put(id, held.value));
    records.users.forEach((id, held) -> all.put(id, held.value));
    return all;
  }

  /** The keys of a user. */
  Collection<ApiKey> keysOf(String user) {
    Map<String, ApiKey> all = new TreeMap<>();
    for (Snapshot snapshot : new Snapshot[] {configured, records}) {
      for (long first : snapshot.keysOfUsers.getOrDefault(user, Set.of())) {
        Entry entry = snapshot.keys.get(first);
        if (entry != null) {
          all.put(entry.key.id(), entry.key);
        }
      }
    }
    return all.values();
  }

  int userCount() {
    return records.users.size() + configured.users.size();
  }

  int keyCount() {
    return records.keys.size() + configured.keys.size();
  }

  /** Whether all records have been told. */
  boolean loaded() {
    return loaded;
  }

  /** Takes what the records say. */
  void follow(Batch batch) {
    Snapshot next = batch.whole() ? new Snapshot() : records;
    batch.present().forEach(stored -> take(next, stored));
    batch.gone().forEach(key -> drop(next, key));
    records = next;
    generation.incrementAndGet();
    loaded |= batch.whole();
  }

  /** Takes a change that was just made here, before it is heard of. */
  void made(Collection<StoredRecord> present, Collection<RecordKey> gone) {
    Snapshot now = records;
    present.forEach(stored -> take(now, stored));
    gone.forEach(key -> drop(now, key));
    generation.incrementAndGet();
  }

  private static void take(Snapshot into, StoredRecord stored) {
    String id = stored.key().id();
    switch (stored.key().kind()) {
      case User.KIND ->
          read(stored, User::read)
              .ifPresent(
                  user ->
                      into.users.merge(
                          id, new Held<>(user, stored.version()), (a, b) -> newer(a, b)));
      case ApiKey.KIND ->
          read(stored, ApiKey::read).ifPresent(key -> put(into, new Entry(key, stored.version())));
      default -> {
        // Another's.
      }
    }
  }

  private static <T> Held<T> newer(Held<T> known, Held<T> told) {
    return told.version >= known.version ? told : known;
  }

  private static void put(Snapshot into, Entry told) {
    long first = told.key.hash().first();
    into.keys.merge(first, told, (a, b) -> b.version >= a.version ? b : a);
    into.keysOfUsers
        .computeIfAbsent(told.key.user(), user -> ConcurrentHashMap.newKeySet())
        .add(first);
  }

  private static void drop(Snapshot from, RecordKey gone) {
    if (gone.kind().equals(User.KIND)) {
      from.users.remove(gone.id());
    } else if (gone.kind().equals(ApiKey.KIND)) {
      long first = Long.parseUnsignedLong(gone.id(), 16);
      Entry entry = from.keys.remove(first);
      if (entry != null) {
        from.keysOfUsers.computeIfPresent(
            entry.key.user(),
            (user, keys) -> {
              keys.remove(first);
              return keys.isEmpty() ? null : keys;
            });
      }
    }
  }

  private static <T> Optional<T> read(StoredRecord stored, BiFunction<String, String, T> reader) {
    try {
      return Optional.of(reader.apply(stored.key().id(), stored.value()));
    } catch (RuntimeException e) {
      // Its value may hold a hash: the place is enough.
      LOG.error("record {} cannot be read and is passed over", stored.key());
      return Optional.empty();
    }
  }
}
