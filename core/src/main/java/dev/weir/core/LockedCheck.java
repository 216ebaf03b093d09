// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One check of any charges, judged with the cells of all its keys locked.
 *
 * <p>Cells are locked in the order of their keys' hashes and never waited for while others are
 * held, so checks cannot wait for each other in a circle, nor for a segment that is being rebuilt.
 * Used by one thread.
 */
final class LockedCheck {

  /* Inserting a cell and locking it are two steps; between them a table at its bound may reclaim
   * it for another key. Waiting for a locked cell is not bounded: its holder never waits, but may
   * have lost its processor for longer than any number of turns. */
  private static final int MAX_INSERTIONS = 10_000;

  private final MemoryStore store;
  private final List<Charge> charges;
  private final Entry[] entryOf;
  private final List<Entry> entries;
  private final @Nullable Verdict[] verdicts;

  /** One key of the check. */
  private static final class Entry implements Comparable<Entry> {
    final long high;
    final long low;
    boolean mustExist;

    long[] segment = {};
    int slot;
    long first;

    Kernel kernel;
    State before;
    State state;
    long asked;
    long needed;
    boolean denied;

    Entry(long high, long low, Kernel kernel, State placeholder) {
      this.high = high;
      this.low = low;
      this.kernel = kernel;
      this.before = placeholder;
      this.state = placeholder;
    }

    @Override
    public int compareTo(Entry other) {
      int byHigh = Long.compare(high, other.high);
      return byHigh != 0 ? byHigh : Long.compare(low, other.low);
    }

    /** Counts in the given parameters from now on (R21). */
    void adopt(Kernel wanted, long now) {
      if (!kernel.equals(wanted)) {
        state = Step.arithmetic(wanted).adopt(state, kernel, now);
        kernel = wanted;
      }
    }
  }

  LockedCheck(MemoryStore store, List<Charge> charges) {
    this.store = store;
    this.charges = charges;
    this.entryOf = new Entry[charges.size()];
    this.entries = new ArrayList<>(charges.size());
    this.verdicts = new Verdict[charges.size()];
    locate();
  }

  private void locate() {
    Scratch scratch = Scratch.own();
    for (int i = 0; i < charges.size(); i++) {
      Charge charge = charges.get(i);
      byte[] value = charge.key().bytes();
      charge.key().limit().hash().hash(value, value.length, scratch);
      Entry entry = entry(scratch.high, scratch.low, charge.kernel());
      entry.mustExist |= creates(charge);
      // Whatever can fail has to fail before anything is locked.
      KernelIds.of(charge.kernel());
      entryOf[i] = entry;
    }
    entries.sort(null);
  }

  private Entry entry(long high, long low, Kernel kernel) {
    for (Entry entry : entries) {
      if (entry.high == high && entry.low == low) {
        return entry;
      }
    }
    Entry entry = new Entry(high, low, kernel, Step.arithmetic(kernel).fresh(0));
    entries.add(entry);
    return entry;
  }

  /* What is never used needs no cell: a cost that is too big, and operations that only give back. */
  private static boolean creates(Charge charge) {
    boolean fits = charge.cost() > 0 && charge.cost() <= charge.kernel().limit();
    return switch (charge.operation()) {
      case Operation.Take t -> fits;
      case Operation.Hold h -> fits;
      case Operation.TakeUpTo t -> charge.cost() > 0;
      case Operation.Record r -> charge.cost() > 0;
      case Operation.Peek p -> false;
      case Operation.Refund r -> false;
      case Operation.Grant g -> false;
      case Operation.Reset r -> false;
      case Operation.Renew r -> false;
      case Operation.Release r -> false;
    };
  }

  /**
   * Judges and charges.
   *
   * @throws StoreException if there is no room for a new key
   */
  List<Verdict> judge() {
    refuseIfCrowded();
    int waits = 0;
    int insertions = 0;
    while (insertions < MAX_INSERTIONS) {
      int locked = lockInOrder();
      if (locked == entries.size()) {
        return judgeLocked();
      }
      unlock(locked);
      Entry missed = entries.get(locked);
      if (missed.slot == 0) {
        insert(missed);
        insertions++;
      } else {
        CellTable.backOff(waits++);
      }
    }
    throw new StoreException(StoreException.Category.FULL, "no room for a new key");
  }

  private void refuseIfCrowded() {
    for (Charge charge : charges) {
      if (Cells.beside(charge.kernel()) && creates(charge) && store.crowded()) {
        throw new StoreException(StoreException.Category.FULL, "no room for a longer log");
      }
    }
  }

  private List<Verdict> judgeLocked() {
    boolean written = false;
    try {
      long now = store.time().micros();
      load(now);
      decide(now);
      written = true;
      return List.of(Arrays.copyOf(verdicts, verdicts.length, Verdict[].class));
    } finally {
      for (Entry entry : entries) {
        release(entry, written);
      }
    }
  }

  /** Locks one cell after the other; answers how many it got before one that it could not. */
  private int lockInOrder() {
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      entry.segment = store.table().segmentOf(entry.high);
      entry.slot = CellTable.slotOf(entry.segment, entry.high, entry.low);
      if (entry.slot == 0 && entry.mustExist) {
        return i;
      }
      if (entry.slot != 0) {
        entry.first = CellTable.first(entry.segment, entry.slot);
        if ((entry.first & Cells.LOCK) != 0 || !replaceFirst(entry, entry.first | Cells.LOCK)) {
          return i;
        }
      }
    }
    return entries.size();
  }

  private static boolean replaceFirst(Entry entry, long next) {
    return CellTable.replaceFirst(entry.segment, entry.slot, entry.first, next);
  }

  private void unlock(int count) {
    for (int i = 0; i < count; i++) {
      Entry entry = entries.get(i);
      if (entry.slot != 0) {
        CellTable.setFirst(entry.segment, entry.slot, entry.first);
      }
    }
  }

  private void insert(Entry entry) {
    State fresh = Step.arithmetic(entry.kernel).fresh(store.time().micros());
    long second = Cells.second(entry.kernel, KernelIds.of(entry.kernel), fresh);
    long first = Cells.first(entry.kernel, fresh);
    if (store.table().insert(entry.high, entry.low, first, second) == CellTable.Insertion.FULL) {
      throw new StoreException(StoreException.Category.FULL, "no room for a new key");
    }
  }

  private void load(long now) {
    for (Entry entry : entries) {
      if (entry.slot == 0) {
        entry.before = Step.arithmetic(entry.kernel).fresh(now);
      } else {
        long second = CellTable.second(entry.segment, entry.slot);
        entry.kernel = KernelIds.kernel(Cells.kernelId(second));
        entry.before = store.state(entry.kernel, entry.high, entry.low, entry.first, second, now);
      }
      entry.state = entry.before;
    }
  }

  // Takes and holds first, all or none (R1); then those in quota mode, which deny only together;
  // what is never denied next; shadows last (R11).
  private void decide(long now) {
    boolean denied = false;
    for (int i = 0; i < verdicts.length; i++) {
      if (conditional(i) && charges.get(i).mode() == Mode.ENFORCED) {
        Verdict verdict = takeOrHold(i, now);
        verdicts[i] = verdict;
        denied |= verdict.outcome().denies();
      }
    }
    denied |= !denied && quotasDeny(now);
    if (denied) {
      undo(now);
    }
    for (int i = 0; i < verdicts.length; i++) {
      if (!conditional(i)) {
        verdicts[i] = step(i, now);
      }
    }
    for (int i = 0; i < verdicts.length; i++) {
      if (conditional(i) && verdicts[i] == null) {
        verdicts[i] = denied ? rehearse(i, now) : step(i, now);
      }
    }
  }

  /* Judged each on its own. If all are over, none of them has taken anything. */
  private boolean quotasDeny(long now) {
    boolean any = false;
    boolean all = true;
    for (int i = 0; i < verdicts.length; i++) {
      if (conditional(i) && charges.get(i).mode() == Mode.QUOTA) {
        Verdict verdict = step(i, now);
        verdicts[i] = verdict;
        any = true;
        all &= verdict.outcome().denies();
      }
    }
    return any && all;
  }

  private boolean conditional(int i) {
    Operation operation = charges.get(i).operation();
    return operation instanceof Operation.Take || operation instanceof Operation.Hold;
  }

  /* The same key twice in one check has to bear both costs: once it has not enough for all that it
   * was asked so far, its denials say when that will fit. A cost of 0 needs a permit and takes none
   * (R10). */
  private Verdict takeOrHold(int i, long now) {
    Entry entry = entryOf[i];
    long cost = charges.get(i).cost();
    boolean repeated = entry.needed > 0;
    entry.needed = Math.max(entry.needed, entry.asked + Math.max(1, cost));
    entry.asked += cost;
    Verdict verdict = step(i, now);
    entry.denied |= verdict.outcome().denies();
    if (entry.denied && repeated) {
      entry.state = entry.before;
      entry.kernel = kernelOfCell(entry);
      return peek(i, entry.needed, now);
    }
    return verdict;
  }

  private Verdict step(int i, long now) {
    Charge charge = charges.get(i);
    Entry entry = entryOf[i];
    Kernel kernel = entry.kernel;
    State state = entry.state;
    if (!keepsParameters(charge, entry)) {
      entry.adopt(charge.kernel(), now);
    }
    Step step = Step.of(entry.kernel, entry.state, now, charge.operation(), charge.cost());
    if (step.next() == entry.state) {
      // Nothing was taken or given: other parameters are a view of the state, no change (R10).
      entry.kernel = kernel;
      entry.state = state;
    } else {
      entry.state = step.next();
    }
    return step.verdict();
  }

  /* A refund may come from before a change of the limit, by a caller who knows its old form. */
  private static boolean keepsParameters(Charge charge, Entry entry) {
    return charge.operation() instanceof Operation.Refund
        && charge.kernel().getClass() == entry.kernel.getClass();
  }

  /** What a charge would be answered, without the charge. */
  private Verdict rehearse(int i, long now) {
    Entry entry = entryOf[i];
    Kernel kernel = entry.kernel;
    State state = entry.state;
    Verdict verdict = step(i, now);
    entry.kernel = kernel;
    entry.state = state;
    return withoutCharge(i, verdict, now);
  }

  private Verdict withoutCharge(int i, Verdict verdict, long now) {
    Verdict without = peek(i, charges.get(i).cost(), now);
    return verdict.withoutCharge(without.remaining(), without.resetAfterMicros());
  }

  private Verdict peek(int i, long cost, long now) {
    Entry entry = entryOf[i];
    Kernel kernel = entry.kernel;
    State state = entry.state;
    entry.adopt(charges.get(i).kernel(), now);
    Verdict verdict = Step.of(entry.kernel, entry.state, now, Operation.PEEK, cost).verdict();
    entry.kernel = kernel;
    entry.state = state;
    return verdict;
  }

  /** Puts every key back; those who would have been admitted say what is left without them. */
  private void undo(long now) {
    for (Entry entry : entries) {
      entry.kernel = kernelOfCell(entry);
      entry.state = Step.repaired(entry.kernel, entry.before, now);
    }
    for (int i = 0; i < verdicts.length; i++) {
      Verdict verdict = verdicts[i];
      boolean quota = charges.get(i).mode() == Mode.QUOTA;
      if (verdict != null && (quota || !verdict.outcome().denies())) {
        verdicts[i] = withoutCharge(i, verdict, now);
      }
    }
  }

  private Kernel kernelOfCell(Entry entry) {
    return entry.slot == 0
        ? entry.kernel
        : KernelIds.kernel(Cells.kernelId(CellTable.second(entry.segment, entry.slot)));
  }

  /** Writes what changed and unlocks. */
  private void release(Entry entry, boolean written) {
    if (entry.slot == 0) {
      return;
    }
    if (!written || entry.state == entry.before) {
      CellTable.setFirst(entry.segment, entry.slot, entry.first);
      return;
    }
    if (Cells.beside(kernelOfCell(entry)) && !Cells.beside(entry.kernel)) {
      store.drop(entry.high, entry.low);
    }
    if (Cells.beside(kernelOfCell(entry)) && !Cells.beside(entry.kernel)) {
      store.drop(entry.high, entry.low);
    }
    store.keep(entry.kernel, entry.high, entry.low, entry.state);
    int id = KernelIds.of(entry.kernel);
    CellTable.setSecond(entry.segment, entry.slot, Cells.second(entry.kernel, id, entry.state));
    CellTable.setFirst(entry.segment, entry.slot, Cells.first(entry.kernel, entry.state));
  }
}
