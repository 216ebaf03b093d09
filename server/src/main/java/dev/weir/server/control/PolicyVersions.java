// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.control;

import static java.util.Objects.requireNonNull;

import dev.weir.core.TimeSource;
import dev.weir.policy.InvalidFileException;
import dev.weir.policy.PolicyCatalog;
import dev.weir.policy.PolicyFile;
import dev.weir.policy.PolicyWriter;
import dev.weir.policy.Problem;
import dev.weir.records.AuditEntry;
import dev.weir.records.Batch;
import dev.weir.records.Change;
import dev.weir.records.RecordConflictException;
import dev.weir.records.RecordKey;
import dev.weir.records.RecordStore;
import dev.weir.records.StoredRecord;
import dev.weir.records.Subscription;
import dev.weir.server.identity.ChangeRefused;
import dev.weir.server.identity.ChangeRefused.Why;
import dev.weir.server.wire.Causes;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policies put in force on all instances, before those of the files, and the versions before
 * them; version 0 stands for the files.
 *
 * <p>Safe for use by any number of threads. Stages fail with {@link ChangeRefused} for what the
 * caller did wrong, with {@link InvalidFileException} for a text that is wrong, else as the store
 * of records does. A text is read on the calling thread, which takes milliseconds for large ones.
 * Its variables are not those of the process: whoever may put policies may not read the
 * environment.
 */
public final class PolicyVersions implements AutoCloseable {

  /** Versions that are kept. */
  public static final int MAX_VERSIONS = 100;

  /** Longest text, in bytes of UTF-8; as a record it may be twice as long. */
  public static final int MAX_BYTES = 512 * 1_024;

  private static final Logger LOG = LoggerFactory.getLogger(PolicyVersions.class);
  private static final String KIND = "policies";
  private static final RecordKey CURRENT = new RecordKey(KIND, "current");

  /** The record of what is in force, and of the last version that there was. */
  private record Pointer(long version, long last) {
    static final Pointer FILES = new Pointer(0, 0);

    static Pointer read(String json) {
      JsonObject object = new JsonObject(json);
      return new Pointer(object.getLong("version"), object.getLong("last"));
    }

    String write() {
      return new JsonObject().put("version", version).put("last", last).encode();
    }
  }

  /** A version of which the text is in its record. */
  private record Kept(PolicyVersion about, long recordVersion) {}

  private final RecordStore records;
  private final InForce inForce;
  private final TimeSource time;
  private final Runnable changed;
  private final CompletableFuture<Void> loaded = new CompletableFuture<>();
  private final Subscription subscription;
  // All guarded by this.
  private final TreeMap<Long, Kept> kept = new TreeMap<>();
  private Pointer pointer = Pointer.FILES;
  private long pointerVersion;
  private long applied;
  // The version that was last tried, whether it could be used or not.
  private long tried;

  /**
   * Follows the records.
   *
   * @param changed told when other policies are in force
   */
  public PolicyVersions(RecordStore records, InForce inForce, TimeSource time, Runnable changed) {
    this.records = requireNonNull(records, "records");
    this.inForce = requireNonNull(inForce, "inForce");
    this.time = requireNonNull(time, "time");
    this.changed = requireNonNull(changed, "changed");
    this.subscription = records.watch(this::follow);
  }

  /** The version that all instances are to be at; 0 for the files'. */
  public synchronized long current() {
    return pointer.version;
  }

  /** The version that this one is at: another than {@link #current} if that cannot be used here. */
  public synchronized long applied() {
    return applied;
  }

  /** The versions that are kept, the newest first. */
  public synchronized List<PolicyVersion> history() {
    List<PolicyVersion> all = new ArrayList<>(kept.size());
    kept.descendingMap().values().forEach(each -> all.add(each.about));
    return all;
  }

  /** The policies in force here, with their tiers and states, as YAML. */
  public String inForce() {
    return PolicyWriter.yaml(inForce.catalog());
  }

  /** The text of a version as it was put; of 0, what the files say now. */
  public CompletionStage<Optional<String>> text(long version) {
    if (version == 0) {
      return CompletableFuture.completedFuture(Optional.of(PolicyWriter.yaml(inForce.files())));
    }
    return version < 0
        ? CompletableFuture.completedFuture(Optional.empty())
        : records.get(key(version)).thenApply(found -> found.map(PolicyVersions::textOf));
  }

  /** What is wrong with a text; nothing if it could be put in force. */
  public List<Problem> validate(String text) {
    try {
      read("policies", text);
      return List.of();
    } catch (InvalidFileException e) {
      return e.problems();
    }
  }

  /**
   * Puts a text in force on all instances.
   *
   * @param text a policy file: policies, tiers and states
   * @param expectedVersion the version that it takes the place of
   * @param reason at most 500 characters
   * @return what it has become, in force on this instance
   */
  public CompletionStage<PolicyVersion> put(
      String text, long expectedVersion, String author, String reason) {
    try {
      Authorship.check(author, reason);
      read("policies", requireNonNull(text, "text"));
    } catch (ChangeRefused | InvalidFileException e) {
      return CompletableFuture.failedFuture(e);
    }
    return write(Optional.of(text), expectedVersion, author, reason, "policies.put");
  }

  /**
   * Puts the text of an older version in force again, as a new version; 0 returns to the files.
   *
   * @param expectedVersion the version that it takes the place of
   * @param reason at most 500 characters
   * @return what it has become, in force on this instance
   */
  public CompletionStage<PolicyVersion> rollback(
      long version, long expectedVersion, String author, String reason) {
    try {
      Authorship.check(author, reason);
    } catch (ChangeRefused e) {
      return CompletableFuture.failedFuture(e);
    }
    if (version == 0) {
      return write(Optional.empty(), expectedVersion, author, reason, "policies.rollback");
    }
    return text(version)
        .thenCompose(
            found -> {
              String text =
                  found.orElseThrow(
                      () ->
                          new ChangeRefused(
                              Why.NOT_FOUND, "version: " + version + " does not exist"));
              read("policies", text);
              return write(Optional.of(text), expectedVersion, author, reason, "policies.rollback");
            });
  }

  private PolicyCatalog read(String name, String text) {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_BYTES) {
      throw invalid(name, bytes + " bytes (expected: at most " + MAX_BYTES + ")");
    }
    PolicyCatalog catalog = PolicyFile.catalog(name, text, variable -> Optional.empty());
    try {
      inForce.check(catalog);
    } catch (IllegalArgumentException e) {
      throw invalid(name, String.valueOf(e.getMessage()));
    }
    return catalog;
  }

  private static InvalidFileException invalid(String name, String message) {
    return new InvalidFileException(List.of(new Problem(name, 1, 1, "", message)));
  }

  private CompletionStage<PolicyVersion> write(
      Optional<String> text, long expectedVersion, String author, String reason, String action) {
    return records
        .get(CURRENT)
        .thenCompose(
            found -> {
              Pointer before =
                  found.map(StoredRecord::value).map(Pointer::read).orElse(Pointer.FILES);
              if (before.version != expectedVersion) {
                throw conflict(expectedVersion, "the version in force is " + before.version);
              }
              long next = text.isPresent() ? Math.addExact(before.last, 1) : 0;
              PolicyVersion about = new PolicyVersion(next, author, nowMillis(), reason);
              String pointer = new Pointer(next, Math.max(next, before.last)).write();
              List<Change> changes = new ArrayList<>();
              changes.add(
                  found
                      .map(stored -> Change.replace(stored, pointer))
                      .orElseGet(() -> Change.create(CURRENT, pointer)));
              text.ifPresent(
                  value ->
                      changes.add(
                          Change.create(key(next), about.write().put("text", value).encode())));
              changes.addAll(tooMany(text.isPresent() ? 1 : 0));
              AuditEntry audit =
                  AuditEntry.shortened(
                      author,
                      action,
                      "version " + next,
                      "version " + before.version,
                      (reason.isEmpty() ? "" : reason + "\n") + text.orElse("the files"));
              return records
                  .change(changes, Optional.of(audit))
                  .thenApply(
                      written -> {
                        follow(new Batch(false, present(changes, written), gone(changes)));
                        return about;
                      });
            })
        .exceptionallyCompose(
            error -> {
              Throwable cause = Causes.of(error);
              return CompletableFuture.failedFuture(
                  cause instanceof RecordConflictException
                      ? conflict(expectedVersion, "it was changed meanwhile")
                      : cause);
            });
  }

  private static ChangeRefused conflict(long expected, String why) {
    return new ChangeRefused(Why.CONFLICT, "version: " + expected + " expected, but " + why);
  }

  private static List<StoredRecord> present(List<Change> changes, List<StoredRecord> written) {
    List<RecordKey> deleted = gone(changes);
    return written.stream().filter(record -> !deleted.contains(record.key())).toList();
  }

  private static List<RecordKey> gone(List<Change> changes) {
    return changes.stream().filter(change -> change.value().isEmpty()).map(Change::key).toList();
  }

  private synchronized List<Change> tooMany(int more) {
    List<Change> deletions = new ArrayList<>();
    int surplus = kept.size() + more - MAX_VERSIONS;
    for (Map.Entry<Long, Kept> oldest : kept.entrySet()) {
      // A few at a time: a step is bounded.
      if (deletions.size() >= Math.min(surplus, 50)) {
        break;
      }
      deletions.add(
          new Change(key(oldest.getKey()), oldest.getValue().recordVersion, Optional.empty()));
    }
    return deletions;
  }

  private static RecordKey key(long version) {
    return new RecordKey(KIND, String.format(java.util.Locale.ROOT, "%016d", version));
  }

  /** Ends when the records have been seen for the first time, and what they say is in force. */
  public CompletionStage<Void> loaded() {
    return loaded.minimalCompletionStage();
  }

  private void follow(Batch batch) {
    try {
      learn(batch);
    } finally {
      loaded.complete(null);
    }
  }

  private synchronized void learn(Batch batch) {
    Map<Long, String> texts = new HashMap<>();
    if (batch.whole()) {
      kept.clear();
    }
    for (RecordKey gone : batch.gone()) {
      if (gone.kind().equals(KIND) && !gone.equals(CURRENT)) {
        kept.remove(Long.parseLong(gone.id()));
      }
    }
    boolean pointed = false;
    for (StoredRecord record : batch.present()) {
      if (record.key().kind().equals(KIND)) {
        pointed |= take(record, texts);
      }
    }
    if (batch.gone().contains(CURRENT) || (batch.whole() && !pointed)) {
      pointer = Pointer.FILES;
      pointerVersion = 0;
    }
    if (pointer.version != tried || (batch.whole() && pointer.version != applied)) {
      tried = pointer.version;
      apply(pointer.version, Optional.ofNullable(texts.get(pointer.version)));
    }
  }

  /** Takes one record; true if it is the pointer's. */
  private boolean take(StoredRecord record, Map<Long, String> texts) {
    try {
      if (record.key().equals(CURRENT)) {
        if (record.version() >= pointerVersion) {
          pointer = Pointer.read(record.value());
          pointerVersion = record.version();
        }
        return true;
      }
      JsonObject object = new JsonObject(record.value());
      PolicyVersion about = PolicyVersion.read(object);
      kept.put(about.version(), new Kept(about, record.version()));
      texts.put(about.version(), object.getString("text", ""));
    } catch (RuntimeException e) {
      LOG.error("record {} cannot be read and is passed over: {}", record.key(), e.getMessage());
    }
    return false;
  }

  private void apply(long version, Optional<String> text) {
    if (version == 0) {
      inForce.put(Optional.empty());
      done(version);
    } else if (text.isPresent()) {
      apply(version, text.get());
    } else {
      // The pointer came without the text, which is nevertheless there.
      var unused =
          records
              .get(key(version))
              .thenAccept(found -> found.ifPresent(record -> late(version, textOf(record))))
              .exceptionally(error -> untried(version, error));
    }
  }

  private synchronized @Nullable Void untried(long version, Throwable error) {
    LOG.warn("policies version {} is not in force yet: {}", version, error.toString());
    if (tried == version) {
      tried = applied;
    }
    return null;
  }

  private synchronized void late(long version, String text) {
    if (pointer.version == version && applied != version) {
      apply(version, text);
    }
  }

  /* An instance of another release, or with other nodes, may refuse what another took. */
  private void apply(long version, String text) {
    try {
      inForce.put(Optional.of(read("policies version " + version, text)));
      done(version);
    } catch (InvalidFileException e) {
      for (Problem problem : e.problems()) {
        LOG.error("refused, the policies before stay in force: {}", problem);
      }
    } catch (RuntimeException e) {
      LOG.error("refused, the policies before stay in force: policies version {}", version, e);
    }
  }

  private void done(long version) {
    applied = version;
    LOG.info(
        "{} in force: {} policies",
        version == 0 ? "the files' policies are" : "policies version " + version + " is",
        inForce.catalog().in(PolicyCatalog.NORMAL).policies().size());
    changed.run();
  }

  private static String textOf(StoredRecord record) {
    return new JsonObject(record.value()).getString("text", "");
  }

  private long nowMillis() {
    return time.micros() / 1_000;
  }

  /** Stops following; what is in force stays. */
  @Override
  public void close() {
    subscription.close();
  }
}
