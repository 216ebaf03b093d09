// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.control;

import static java.util.Objects.requireNonNull;

import dev.weir.core.TimeSource;
import dev.weir.policy.PolicyCatalog;
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
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The load state of the system, on every instance: one record says it, every instance follows that
 * within two seconds, and each ends a state by itself when its time is over.
 *
 * <p>Safe for use by any number of threads; nothing blocks but {@link #close}. Stages fail with
 * {@link ChangeRefused} for what the caller did wrong, else as the store of records does.
 */
public final class LoadStates implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LoadStates.class);
  private static final RecordKey KEY = new RecordKey("state", "system");
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(365);
  // The clock may be set while an alarm runs.
  private static final long LONGEST_ALARM_MILLIS = 1_000;
  private static final int ATTEMPTS = 5;

  private final RecordStore records;
  private final InForce inForce;
  private final TimeSource time;
  private final Alarm alarm;
  private final List<BiConsumer<SystemState, SystemState>> listeners = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Void> loaded = new CompletableFuture<>();
  private final Subscription subscription;

  // What the record says, and its version; guarded by this.
  private SystemState wanted = SystemState.normal(0, "");
  private long version;
  private boolean waiting;
  // What this instance does; written under the lock.
  private volatile SystemState current = wanted;
  private volatile boolean closed;

  /** Follows the record. */
  public LoadStates(RecordStore records, InForce inForce, TimeSource time, Alarm alarm) {
    this.records = requireNonNull(records, "records");
    this.inForce = requireNonNull(inForce, "inForce");
    this.time = requireNonNull(time, "time");
    this.alarm = requireNonNull(alarm, "alarm");
    this.subscription = records.watch(this::follow);
  }

  /** The state that this instance is in. */
  public SystemState current() {
    return current;
  }

  /** The states that may be set, {@link PolicyCatalog#NORMAL} first. */
  public Set<String> known() {
    return inForce.catalog().states();
  }

  /** Hears of every change on this instance, with the state before and after; must not block. */
  public void listen(BiConsumer<SystemState, SystemState> listener) {
    listeners.add(requireNonNull(listener, "listener"));
  }

  /**
   * Puts the whole system into a state.
   *
   * @param ttl after which it is normal again by itself, 1 s to 365 days; empty if somebody will
   *     say so. Normal times have none.
   * @param reason at most 500 characters
   * @return the state, in force on this instance
   */
  public CompletionStage<SystemState> set(
      String name, Optional<Duration> ttl, String author, String reason) {
    SystemState state;
    try {
      state = create(name, ttl, author, reason);
    } catch (ChangeRefused e) {
      return CompletableFuture.failedFuture(e);
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(
          new ChangeRefused(Why.INVALID, String.valueOf(e.getMessage())));
    }
    return write(state, ATTEMPTS);
  }

  private SystemState create(String name, Optional<Duration> ttl, String author, String reason) {
    // Refuses a name that is not there, and tells those that are.
    inForce.catalog().in(name);
    Authorship.check(author, reason);
    ttl.filter(time -> time.compareTo(SHORTEST) < 0 || time.compareTo(LONGEST) > 0)
        .ifPresent(
            wrong -> {
              throw new IllegalArgumentException("ttl: " + wrong + " (expected: 1 s to 365 days)");
            });
    long now = nowMillis();
    OptionalLong until =
        ttl.isPresent() && !name.equals(PolicyCatalog.NORMAL)
            ? OptionalLong.of(now + ttl.get().toMillis())
            : OptionalLong.empty();
    return new SystemState(name, now, until, author, reason);
  }

  /* Whoever says it last is right: a change meanwhile is no conflict. */
  private CompletionStage<SystemState> write(SystemState state, int attempts) {
    return records
        .get(KEY)
        .thenCompose(
            found -> {
              String value = state.write();
              Change change =
                  found
                      .map(stored -> Change.replace(stored, value))
                      .orElseGet(() -> Change.create(KEY, value));
              String before = found.map(StoredRecord::value).orElse("");
              return records.change(
                  List.of(change),
                  Optional.of(
                      AuditEntry.shortened(state.author(), "state.set", KEY.id(), before, value)));
            })
        .thenApply(
            written -> {
              take(written.getFirst());
              return state;
            })
        .exceptionallyCompose(
            error -> {
              Throwable cause = Causes.of(error);
              return cause instanceof RecordConflictException && attempts > 1
                  ? write(state, attempts - 1)
                  : CompletableFuture.failedFuture(cause);
            });
  }

  /** Ends when the record has been seen for the first time, or that there is none. */
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

  private void learn(Batch batch) {
    Optional<StoredRecord> told =
        batch.present().stream().filter(record -> record.key().equals(KEY)).findFirst();
    if (told.isPresent()) {
      take(told.get());
    } else if (batch.whole() || batch.gone().contains(KEY)) {
      forget();
    }
  }

  private synchronized void forget() {
    if (version > 0) {
      wanted = SystemState.normal(nowMillis(), "nothing is known of another state");
      version = 0;
      settle();
    }
  }

  private synchronized void take(StoredRecord record) {
    if (record.version() <= version) {
      return;
    }
    try {
      wanted = SystemState.read(record.value());
      version = record.version();
    } catch (RuntimeException e) {
      LOG.error("record {} cannot be read and is passed over: {}", KEY, e.getMessage());
      return;
    }
    settle();
  }

  /** Enters what is wanted now. Also after the policies changed, which may know other states. */
  public synchronized void settle() {
    long now = nowMillis();
    SystemState next = wanted;
    if (wanted.isOver(now)) {
      long end = wanted.untilMillis().orElse(now);
      next = SystemState.normal(end, "the time of " + wanted.name() + " is over");
    }
    String entered = inForce.enter(next.name());
    if (!entered.equals(next.name())) {
      LOG.warn(
          "load state {}: unknown to the policies in force here, which know {}; it is {} here",
          next.name(),
          known(),
          entered);
      next = SystemState.normal(next.sinceMillis(), "state " + next.name() + " is unknown here");
    }
    SystemState before = current;
    current = next;
    if (!before.equals(next)) {
      tell(before, next);
    }
    remind(now);
  }

  private void tell(SystemState before, SystemState after) {
    if (!before.name().equals(after.name())) {
      LOG.info(
          "load state {}, set by {}{}",
          after.name(),
          after.author(),
          after.reason().isEmpty() ? "" : ": " + after.reason());
    }
    listeners.forEach(listener -> listener.accept(before, after));
  }

  private void remind(long now) {
    if (!waiting && !closed && wanted.untilMillis().isPresent() && !wanted.isOver(now)) {
      waiting = true;
      long left = wanted.untilMillis().getAsLong() - now;
      alarm.in(Math.min(left, LONGEST_ALARM_MILLIS), this::rung);
    }
  }

  private synchronized void rung() {
    waiting = false;
    if (closed) {
      return;
    }
    if (wanted.isOver(nowMillis())) {
      settle();
    } else {
      remind(nowMillis());
    }
  }

  private long nowMillis() {
    return time.micros() / 1_000;
  }

  /** Stops following; the state stays as it is. */
  @Override
  public void close() {
    closed = true;
    subscription.close();
  }
}
