// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.redis.RedisSession;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Redis holds, as this instance knows it; it asks every half a second what has changed.
 *
 * <p>It begins with a whole set, page by page: a record that changes meanwhile comes again on a
 * later page, so that with the last page the set is as it is then. It begins anew where it cannot
 * know what it missed: when the set has another name (it was flushed), when the last step of Redis
 * is earlier than its own, when a deletion since may be forgotten, and when the history of the
 * server's writes is another one (it was restarted, or a replica took its place and may lack
 * steps).
 */
@SuppressWarnings("FutureReturnValueIgnored") // nothing waits for what is done for its effect
final class RedisReplica {

  static final long KEEP_DELETED_MICROS = 600_000_000;

  private static final Logger LOG = LoggerFactory.getLogger(RedisReplica.class);
  private static final long POLL_MILLIS = 500;
  private static final int PAGE_RECORDS = 500;
  private static final int PAGE_BYTES = 1 << 20;

  private final RedisSession session;
  private final List<String> keys;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("weir-records").unstarted(task));
  private volatile @Nullable String trouble;

  // The rest is the thread's own.
  private final List<Teller> tellers = new ArrayList<>();
  private Map<RecordKey, StoredRecord> records = new HashMap<>();
  // What was told of a whole set so far; null between them.
  private @Nullable Map<RecordKey, StoredRecord> coming;
  private boolean complete;
  private String epoch = "";
  private String step = "0";
  private String deletionsFrom = "0";
  private @Nullable String lineage;
  private boolean asking;
  private boolean again;
  private @Nullable ScheduledFuture<?> next;

  RedisReplica(RedisSession session, List<String> keys) {
    this.session = session;
    this.keys = keys;
  }

  Subscription watch(Watcher watcher) {
    Teller teller = new Teller(watcher);
    onThread(
        () -> {
          tellers.add(teller);
          if (complete) {
            teller.tell(whole());
          } else {
            ask();
          }
        });
    return () -> {
      teller.close();
      onThread(() -> leave(teller));
    };
  }

  /* While nobody listens nothing is asked for, so what is known grows old. */
  private void leave(Teller teller) {
    tellers.remove(teller);
    if (tellers.isEmpty()) {
      forget();
    }
  }

  /** Why the last question failed; empty if it did not. Any thread. */
  Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  /** There is a new connection. Any thread. */
  void connected() {
    onThread(
        () -> {
          if (session.lineage().isEmpty()) {
            forget();
          }
          ask();
        });
  }

  /** Something has just changed. Any thread. */
  void hurry() {
    onThread(this::ask);
  }

  void close() {
    onThread(() -> tellers.forEach(Teller::close));
    thread.shutdown();
  }

  private void onThread(Runnable work) {
    try {
      thread.execute(work);
    } catch (RejectedExecutionException closed) {
      // Nobody is told anything any more.
    }
  }

  /* One question at a time; what happens meanwhile is asked for right after it. */
  private void ask() {
    if (tellers.isEmpty()) {
      return;
    }
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    if (next != null) {
      next.cancel(false);
    }
    Optional<String> before = session.lineage();
    if (complete && !before.equals(Optional.ofNullable(lineage))) {
      forget();
    }
    if (!complete && coming == null) {
      coming = new HashMap<>();
      epoch = "";
      step = "0";
      deletionsFrom = "0";
    }
    session
        .run(RedisTexts.script("changed_since"), keys, arguments())
        .whenComplete((answer, failure) -> onThread(() -> answered(before, answer, failure)));
  }

  private List<byte[]> arguments() {
    return Stream.of(
            RedisTexts.newEpoch(),
            epoch,
            step,
            deletionsFrom,
            Integer.toString(PAGE_RECORDS),
            Integer.toString(PAGE_BYTES),
            Long.toString(KEEP_DELETED_MICROS))
        .map(text -> text.getBytes(UTF_8))
        .toList();
  }

  /** The next question begins a whole set. */
  private void forget() {
    complete = false;
    coming = null;
  }

  private void answered(
      Optional<String> before, @Nullable List<Object> answer, @Nullable Throwable failure) {
    asking = false;
    boolean more = false;
    if (answer == null) {
      failed(failure);
    } else {
      trouble = null;
      try {
        more = take(before, answer);
      } catch (RuntimeException e) {
        failed(e);
      }
    }
    long delay = more || again ? 0 : POLL_MILLIS;
    again = false;
    if (!thread.isShutdown()) {
      next = thread.schedule(this::ask, delay, TimeUnit.MILLISECONDS);
    }
  }

  private void failed(@Nullable Throwable failure) {
    String reason = failure == null ? "unknown" : RedisRecords.translated(failure).getMessage();
    if (trouble == null) {
      LOG.warn("what changed in records is not known: {}", reason);
    }
    trouble = reason;
    // Pages of a whole set belong to one unbroken reading.
    if (!complete) {
      forget();
    }
  }

  /** Whether there is more to ask for at once. */
  private boolean take(Optional<String> before, List<Object> answer) {
    Optional<String> now = session.lineage();
    String state = RedisTexts.text(answer.get(2));
    if (state.equals("again") || !now.equals(before)) {
      forget();
      return true;
    }
    if (epoch.isEmpty()) {
      epoch = RedisTexts.text(answer.get(0));
      deletionsFrom = RedisTexts.text(answer.get(1));
    }
    List<StoredRecord> present = new ArrayList<>();
    List<RecordKey> gone = new ArrayList<>();
    for (int i = 3; i < answer.size(); i += 3) {
      RecordKey key = RedisTexts.key(answer.get(i));
      step = RedisTexts.text(answer.get(i + 1));
      if (((byte[]) answer.get(i + 2)).length == 0) {
        gone.add(key);
      } else {
        present.add(RedisTexts.stored(key, answer.get(i + 2)));
      }
    }
    boolean all = state.equals("all");
    if (all) {
      // Nothing is missing up to the last step that the script saw, though its record may be gone.
      step = RedisTexts.text(answer.get(1));
      deletionsFrom = step;
    }
    Map<RecordKey, StoredRecord> set = coming;
    if (set != null) {
      present.forEach(each -> set.put(each.key(), each));
      gone.forEach(set::remove);
      if (all) {
        coming = null;
        complete = true;
        lineage = now.orElse(null);
        records = set;
        tellers.forEach(teller -> teller.tell(whole()));
      }
    } else {
      present.forEach(each -> records.put(each.key(), each));
      gone.removeIf(key -> records.remove(key) == null);
      if (!present.isEmpty() || !gone.isEmpty()) {
        Batch batch = new Batch(false, present, gone);
        tellers.forEach(teller -> teller.tell(batch));
      }
    }
    return !all;
  }

  private Batch whole() {
    return new Batch(
        true,
        records.values().stream().sorted(Comparator.comparingLong(StoredRecord::version)).toList(),
        List.of());
  }
}
