// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static java.util.Objects.requireNonNull;

import dev.weir.core.TimeSource;
import dev.weir.records.RecordStoreException.Category;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records of one process. All work is done by one thread: it takes what is waiting, steps the
 * records in memory, has the backing keep all steps at once, and only then lets anybody see them.
 * Answers are given on threads of their own, so whoever blocks one delays nobody.
 */
final class LocalRecords implements RecordStore {

  private static final Logger LOG = LoggerFactory.getLogger(LocalRecords.class);
  private static final int MAX_WAITING = 500;
  private static final int MAX_TOGETHER = 100;
  private static final Duration CLOSE_TIME = Duration.ofSeconds(30);

  /** Something to do; its answer is given once what was before it is kept. */
  private sealed interface Task {}

  private record Read(Runnable work, CompletableFuture<?> answer) implements Task {}

  private record Write(
      List<Change> changes,
      Optional<AuditEntry> audit,
      CompletableFuture<List<StoredRecord>> answer)
      implements Task {}

  private record End() implements Task {}

  /** What is told to a caller once everything before is kept. */
  private record Answer(CompletableFuture<?> to, Runnable give) {}

  private final Backing backing;
  private final TimeSource time;
  private final BlockingQueue<Task> tasks = new LinkedBlockingQueue<>();
  private final ReentrantLock lock = new ReentrantLock();
  // Guarded by the lock.
  private boolean closed;
  private final List<Teller> tellers = new CopyOnWriteArrayList<>();
  private final Thread worker;
  private volatile @Nullable RecordStoreException broken;

  // The worker's own, as is the backing.
  private final Map<RecordKey, StoredRecord> records = new HashMap<>();
  private long sequence;
  private long audited;
  private long bytes;
  private final List<Task> gathered = new ArrayList<>();
  private final List<Backing.Step> steps = new ArrayList<>();
  private final List<Answer> answers = new ArrayList<>();

  private LocalRecords(Backing backing, TimeSource time) {
    this.backing = backing;
    this.time = time;
    this.worker = Thread.ofPlatform().daemon().name("weir-records").unstarted(this::run);
  }

  /**
   * Loads what the backing has and starts. The calling thread waits for the files.
   *
   * @throws RecordStoreException if they cannot be read
   */
  static LocalRecords open(Supplier<Backing> opener, TimeSource time) {
    Backing backing = opener.get();
    LocalRecords store = new LocalRecords(backing, time);
    try {
      Backing.Kept kept = backing.load();
      kept.records().forEach(each -> store.put(each));
      store.sequence = kept.sequence();
      store.audited = kept.audited();
    } catch (RuntimeException e) {
      backing.close();
      throw e;
    }
    // Starting a thread publishes what was written before.
    store.worker.start();
    return store;
  }

  @Override
  public CompletionStage<Optional<StoredRecord>> get(RecordKey key) {
    requireNonNull(key, "key");
    return read(store -> Optional.ofNullable(store.records.get(key)));
  }

  @Override
  public CompletionStage<List<StoredRecord>> list(String kind) {
    RecordKey.requireKind(kind);
    return read(
        store ->
            store.records.values().stream()
                .filter(each -> each.key().kind().equals(kind))
                .sorted(Comparator.comparing(StoredRecord::key))
                .toList());
  }

  @Override
  public CompletionStage<List<AuditRecord>> audit(long beforeNumber, int max) {
    Bounds.requireAuditPage(beforeNumber, max);
    return read(store -> store.backing.audit(beforeNumber, max));
  }

  @Override
  public CompletionStage<List<StoredRecord>> change(
      List<Change> changes, Optional<AuditEntry> audit) {
    List<Change> copy = List.copyOf(changes);
    Bounds.requireStep(copy, audit);
    Write write = new Write(copy, audit, new CompletableFuture<>());
    submit(write, write.answer);
    return write.answer;
  }

  @Override
  public Subscription watch(Watcher watcher) {
    Teller teller = new Teller(requireNonNull(watcher, "watcher"));
    CompletableFuture<?> begun = new CompletableFuture<>();
    begin(
        new Read(
            () -> {
              teller.tell(new Batch(true, inOrder(), List.of()));
              tellers.add(teller);
            },
            begun),
        begun);
    return () -> {
      teller.close();
      tellers.remove(teller);
    };
  }

  private List<StoredRecord> inOrder() {
    return records.values().stream()
        .sorted(Comparator.comparingLong(StoredRecord::version))
        .toList();
  }

  private <T> CompletionStage<T> read(Function<LocalRecords, T> reading) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    submit(
        new Read(
            () -> {
              T result = reading.apply(this);
              answers.add(new Answer(answer, () -> answer.complete(result)));
            },
            answer),
        answer);
    return answer;
  }

  private void submit(Task task, CompletableFuture<?> answer) {
    if (tasks.size() >= MAX_WAITING) {
      answer.completeExceptionally(
          new RecordStoreException(
              Category.UNAVAILABLE,
              "records: more than " + MAX_WAITING + " calls are waiting for the store"));
    } else {
      begin(task, answer);
    }
  }

  private void begin(Task task, CompletableFuture<?> answer) {
    lock.lock();
    try {
      if (closed) {
        answer.completeExceptionally(
            new RecordStoreException(Category.UNAVAILABLE, "records: the store is closed"));
      } else {
        tasks.add(task);
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (work()) {
        // Each turn does what was waiting.
      }
    } catch (InterruptedException e) {
      // Nobody has this thread to interrupt it.
      throw new IllegalStateException(e);
    } finally {
      try {
        backing.close();
      } finally {
        refuseAll();
      }
    }
  }

  /* Nothing is left at a proper end; after an error of the machine nobody may wait for ever. */
  private void refuseAll() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    tasks.drainTo(gathered);
    RecordStoreException ended =
        new RecordStoreException(Category.BROKEN, "records: the store's thread has ended");
    answers.forEach(each -> each.to.completeExceptionally(ended));
    for (Task task : gathered) {
      switch (task) {
        case Write write -> write.answer.completeExceptionally(ended);
        case Read read -> read.answer.completeExceptionally(ended);
        case End end -> {
          // Whoever closes waits for the thread.
        }
      }
    }
  }

  private void gather() throws InterruptedException {
    gathered.add(tasks.take());
    tasks.drainTo(gathered, MAX_TOGETHER);
  }

  /** Whether there is more to come. */
  private boolean work() throws InterruptedException {
    gather();
    for (Task task : gathered) {
      switch (task) {
        case Write write -> step(write);
        case Read read -> {
          keep();
          look(read);
        }
        case End end -> {
          keep();
          // Their answers are on the way: nobody is left to be refused.
          gathered.clear();
          return false;
        }
      }
    }
    keep();
    gathered.clear();
    return true;
  }

  private void look(Read read) {
    RecordStoreException trouble = broken;
    if (trouble != null) {
      read.answer.completeExceptionally(trouble);
      return;
    }
    try {
      read.work.run();
    } catch (RecordStoreException e) {
      breakDown(e);
      read.answer.completeExceptionally(e);
    }
  }

  /* Nobody sees the step before it is kept; if it cannot be, nobody sees anything any more. */
  private void step(Write write) {
    RuntimeException refused = broken != null ? broken : refusal(write);
    if (refused != null) {
      answers.add(new Answer(write.answer, () -> write.answer.completeExceptionally(refused)));
      return;
    }
    sequence++;
    long now = time.micros() / 1_000;
    List<StoredRecord> present = new ArrayList<>();
    List<RecordKey> gone = new ArrayList<>();
    for (Change change : write.changes) {
      change
          .value()
          .ifPresentOrElse(
              value -> present.add(new StoredRecord(change.key(), sequence, value, now)),
              () -> gone.add(change.key()));
    }
    present.forEach(this::put);
    gone.forEach(this::remove);
    Optional<AuditRecord> audit = write.audit.map(entry -> new AuditRecord(++audited, now, entry));
    steps.add(new Backing.Step(sequence, present, gone, audit));
    answers.add(new Answer(write.answer, () -> write.answer.complete(List.copyOf(present))));
  }

  private @Nullable RuntimeException refusal(Write write) {
    long more = 0;
    int added = 0;
    for (Change change : write.changes) {
      StoredRecord known = records.get(change.key());
      if ((known == null ? 0 : known.version()) != change.expectedVersion()) {
        return new RecordConflictException(change.key());
      }
      more += change.value().map(Bounds::utf8Length).orElse(0) - size(known);
      added += (change.value().isPresent() ? 1 : 0) - (known == null ? 0 : 1);
    }
    boolean full =
        (added > 0 && records.size() + added > Bounds.MAX_RECORDS)
            || (more > 0 && bytes + more > Bounds.MAX_TOTAL_BYTES);
    return full ? new RecordStoreException(Category.FULL, "records: the store is full") : null;
  }

  private static int size(@Nullable StoredRecord stored) {
    return stored == null ? 0 : Bounds.utf8Length(stored.value());
  }

  private void put(StoredRecord now) {
    bytes += size(now) - size(records.put(now.key(), now));
  }

  private void remove(RecordKey key) {
    bytes -= size(records.remove(key));
  }

  /** Has the steps so far kept, tells watchers of them, and gives the answers. */
  private void keep() {
    if (!steps.isEmpty()) {
      try {
        backing.keep(steps, records.values());
        steps.forEach(
            step -> tellers.forEach(t -> t.tell(new Batch(false, step.present(), step.gone()))));
      } catch (RecordStoreException e) {
        breakDown(e);
        // What the answers would say has not come true.
        answers.replaceAll(each -> new Answer(each.to, () -> each.to.completeExceptionally(e)));
      }
      steps.clear();
    }
    if (!answers.isEmpty()) {
      answers.forEach(each -> Thread.ofVirtual().name("weir-records-answer").start(each.give));
      answers.clear();
    }
  }

  private void breakDown(RecordStoreException e) {
    if (broken == null) {
      LOG.error("records cannot be used any more", e);
      broken = e;
    }
  }

  @Override
  public RecordHealth health() {
    RecordStoreException trouble = broken;
    return new RecordHealth(
        backing.kind(),
        trouble == null ? Optional.empty() : Optional.ofNullable(trouble.getMessage()),
        backing.warnings());
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        tasks.add(new End());
      }
    } finally {
      lock.unlock();
    }
    try {
      if (!worker.join(CLOSE_TIME)) {
        LOG.warn("records: the store's thread has not ended within {}", CLOSE_TIME);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    tellers.forEach(Teller::close);
  }
}
