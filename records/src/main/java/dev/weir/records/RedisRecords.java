// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.weir.core.StoreException;
import dev.weir.records.RecordStoreException.Category;
import dev.weir.redis.RedisOptions;
import dev.weir.redis.RedisSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records in Redis or Valkey, for all instances that use the same servers and prefix: one primary,
 * one that sentinels name, or a cluster. All keys are in one hash tag, so a step is one script
 * call.
 *
 * <p>An acknowledged change survives what Redis was told to survive: {@link #health} warns where
 * that is not every crash.
 */
@SuppressWarnings("FutureReturnValueIgnored") // nothing waits for what is done for its effect
public final class RedisRecords implements RecordStore {

  private static final Logger LOG = LoggerFactory.getLogger(RedisRecords.class);
  private static final String HASH_TAG = "records";
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final int LIST_RECORDS = 500;
  private static final int LIST_BYTES = 1 << 20;

  private final RedisSession session;
  private final List<String> keys;
  private final RedisReplica replica;
  private volatile List<String> warnings =
      List.of("whether acknowledged changes survive a crash is not known before Redis is reached");

  private RedisRecords(RedisOptions options) {
    this.keys =
        List.of("values", "names", "changes", "gone", "about", "audit").stream()
            .map(name -> options.prefix() + "{" + HASH_TAG + "}:" + name)
            .toList();
    // The session tells of connections on another thread, when the constructor may still run.
    CompletableFuture<RedisRecords> made = new CompletableFuture<>();
    this.session =
        RedisSession.open(
            options, HASH_TAG, TIMEOUT, () -> made.thenAccept(RedisRecords::connected));
    this.replica = new RedisReplica(session, keys);
    made.complete(this);
  }

  /** A store that connects in the background; calls wait for that within their two seconds. */
  public static RecordStore connect(RedisOptions options) {
    return new RedisRecords(requireNonNull(options, "options"));
  }

  private void connected() {
    replica.connected();
    session
        .setting("appendonly")
        .thenCombine(session.setting("appendfsync"), RedisRecords::durability)
        .thenCombine(session.setting("maxmemory-policy"), RedisRecords::withEviction)
        .thenAccept(this::warn);
  }

  private static List<String> durability(Optional<String> append, Optional<String> sync) {
    if (append.isEmpty() || sync.isEmpty()) {
      return List.of(
          "whether acknowledged changes survive a crash of Redis could not be checked: CONFIG GET"
              + " is not allowed");
    }
    if (!append.get().equals("yes")) {
      return List.of(
          "appendonly is "
              + append.get()
              + " (expected: yes; users, keys, bans and policies can be lost with Redis)");
    }
    if (!sync.get().equals("always")) {
      return List.of(
          "appendfsync is "
              + sync.get()
              + " (expected: always; the last acknowledged changes can be lost with Redis)");
    }
    return List.of();
  }

  private static List<String> withEviction(List<String> others, Optional<String> policy) {
    List<String> all = new ArrayList<>(others);
    policy
        .filter(name -> name.startsWith("allkeys"))
        .ifPresent(
            name ->
                all.add(
                    "maxmemory-policy is "
                        + name
                        + " (expected: noeviction; Redis may throw all records away)"));
    return all;
  }

  private void warn(List<String> now) {
    if (!warnings.equals(now)) {
      now.forEach(warning -> LOG.warn("records: {}", warning));
    }
    warnings = now;
  }

  @Override
  public CompletionStage<Optional<StoredRecord>> get(RecordKey key) {
    requireNonNull(key, "key");
    return told(
        run("get", key.toString())
            .thenApply(
                answer ->
                    RedisTexts.text(answer.get(0)).isEmpty()
                        ? Optional.empty()
                        : Optional.of(RedisTexts.stored(key, answer.get(0)))));
  }

  @Override
  public CompletionStage<List<StoredRecord>> list(String kind) {
    RecordKey.requireKind(kind);
    List<StoredRecord> found = new ArrayList<>();
    return told(
        list(found, "[" + kind + ":", "(" + kind + ";")
            .thenApply(
                all -> all.stream().sorted(Comparator.comparing(StoredRecord::key)).toList()));
  }

  private CompletionStage<List<StoredRecord>> list(
      List<StoredRecord> found, String from, String before) {
    return run("list", from, before, "" + LIST_RECORDS, "" + LIST_BYTES)
        .thenCompose(
            answer -> {
              for (int i = 1; i < answer.size(); i += 2) {
                found.add(RedisTexts.stored(RedisTexts.key(answer.get(i)), answer.get(i + 1)));
              }
              if (RedisTexts.text(answer.get(0)).equals("all")) {
                return CompletableFuture.completedStage(found);
              }
              return list(found, "(" + found.get(found.size() - 1).key(), before);
            });
  }

  @Override
  public CompletionStage<List<AuditRecord>> audit(long beforeNumber, int max) {
    Bounds.requireAuditPage(beforeNumber, max);
    return told(
        run("audit", Math.max(0, beforeNumber - 1) + "-0", "" + max).thenApply(RedisTexts::audit));
  }

  @Override
  public CompletionStage<List<StoredRecord>> change(
      List<Change> changes, Optional<AuditEntry> audit) {
    List<Change> copy = List.copyOf(changes);
    Bounds.requireStep(copy, audit);
    return told(
        run("change", RedisTexts.step(copy, audit)).thenApply(answer -> after(copy, answer)));
  }

  private List<StoredRecord> after(List<Change> changes, List<Object> answer) {
    String outcome = RedisTexts.text(answer.get(0));
    if (outcome.equals("conflict")) {
      int index = Integer.parseInt(RedisTexts.text(answer.get(1)));
      throw new RecordConflictException(changes.get(index).key());
    }
    if (outcome.equals("full")) {
      throw new RecordStoreException(Category.FULL, "records: the store is full");
    }
    replica.hurry();
    long version = Long.parseLong(RedisTexts.text(answer.get(1)));
    long millis = Long.parseLong(RedisTexts.text(answer.get(2)));
    List<StoredRecord> now = new ArrayList<>();
    for (Change change : changes) {
      change.value().ifPresent(v -> now.add(new StoredRecord(change.key(), version, v, millis)));
    }
    return List.copyOf(now);
  }

  @Override
  public Subscription watch(Watcher watcher) {
    return replica.watch(requireNonNull(watcher, "watcher"));
  }

  @Override
  public RecordHealth health() {
    return new RecordHealth(
        RecordHealth.Kind.REDIS,
        session.trouble().or(replica::trouble).map(text -> "records: " + text),
        warnings);
  }

  @Override
  public void close() {
    replica.close();
    session.close();
  }

  private CompletionStage<List<Object>> run(String script, String... arguments) {
    return session.run(
        RedisTexts.script(script),
        keys,
        List.of(arguments).stream().map(text -> text.getBytes(UTF_8)).toList());
  }

  /* Answers are given on threads that may be blocked, unlike the session's. */
  private static <T> CompletionStage<T> told(CompletionStage<T> stage) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    stage.whenComplete(
        (result, failure) ->
            Thread.ofVirtual()
                .name("weir-records-answer")
                .start(
                    () -> {
                      if (failure == null) {
                        answer.complete(result);
                      } else {
                        answer.completeExceptionally(translated(failure));
                      }
                    }));
    return answer;
  }

  static Throwable translated(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof StoreException e) {
      Category category =
          switch (e.category()) {
            case TIMEOUT -> Category.UNKNOWN;
            case UNAVAILABLE -> Category.UNAVAILABLE;
            case FULL -> Category.FULL;
            case CORRUPT -> Category.BROKEN;
          };
      return new RecordStoreException(category, "records: " + e.getMessage(), e);
    }
    if (cause instanceof RecordConflictException || cause instanceof RecordStoreException) {
      return cause;
    }
    return new RecordStoreException(
        Category.BROKEN, "records: Redis answered what cannot be read", requireNonNull(cause));
  }
}
