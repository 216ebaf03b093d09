// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * State in the memory of this process: nothing to install, nothing that survives it.
 *
 * <p>Safe for use by any number of threads. Every call answers at once. One charge of a token
 * bucket or of a counting window is one CAS; other operations and checks of several charges lock
 * the cells of their keys for as long as they judge them. Holds a bounded number of keys; at the
 * bound, keys that are as if never used make room, and then a check of a new key fails with {@link
 * StoreException.Category#FULL}. A token bucket takes about 70 bytes per key.
 */
public final class MemoryStore implements Store {

  /** Keys held at most, unless told otherwise or the heap is small. */
  public static final long DEFAULT_MAX_KEYS = 4_000_000;

  /* A key with a short log takes about 200 bytes; half of the heap is left for everything else. */
  private static final long HEAP_PER_KEY = 512;

  /* An entry of a log takes 16 bytes: an eighth of the heap. */
  private static final long HEAP_PER_ENTRY = 128;

  /* Long enough that a thread between looking up a cell and charging it finds it again. */
  private static final long GRACE_MICROS = 10_000_000;

  private final TimeSource time;
  private final boolean steady;
  private final CellTable table;
  private final ConcurrentHashMap<Address, State> beside = new ConcurrentHashMap<>();
  private final LongAdder entriesBeside = new LongAdder();
  private final long maxEntriesBeside = Runtime.getRuntime().maxMemory() / HEAP_PER_ENTRY;
  private final @Nullable Sweeper sweeper;

  /** A key's hash. */
  private record Address(long high, long low) {
    // The hash is keyed and uniform already.
    @Override
    public int hashCode() {
      return (int) low;
    }
  }

  private MemoryStore(TimeSource time, long maxKeys, boolean sweeping) {
    this.time = requireNonNull(time, "time");
    this.steady = time.monotonic();
    this.table = new CellTable(Require.within("maxKeys", maxKeys, 1, 1L << 40), new Cleaner());
    this.sweeper = sweeping ? Sweeper.start(this) : null;
  }

  /** A store on the system's clock with the default bound. */
  public static MemoryStore create() {
    return create(TimeSource.system(), defaultMaxKeys());
  }

  /**
   * A store on a clock and with a bound of the caller's choice.
   *
   * @param time the clock
   * @param maxKeys bound on keys, 1 or more
   */
  public static MemoryStore create(TimeSource time, long maxKeys) {
    return new MemoryStore(time, maxKeys, true);
  }

  /** The bound on keys that suits this process's heap: {@link #DEFAULT_MAX_KEYS} or fewer. */
  public static long defaultMaxKeys() {
    return Math.min(DEFAULT_MAX_KEYS, Runtime.getRuntime().maxMemory() / HEAP_PER_KEY);
  }

  /** A store that reclaims idle keys only when {@link #sweep} is called. */
  static MemoryStore unswept(TimeSource time, long maxKeys) {
    return new MemoryStore(time, maxKeys, false);
  }

  /** Keys held now, those that are idle but not yet reclaimed included. */
  public long keys() {
    return table.keys();
  }

  @Override
  public CompletionStage<List<Verdict>> apply(List<Charge> charges) {
    try {
      return CompletableFuture.completedFuture(applyNow(charges));
    } catch (StoreException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * The same, at once.
   *
   * @throws StoreException if there is no room for a new key or a longer log
   */
  List<Verdict> applyNow(List<Charge> charges) {
    Require.within("charges", charges.size(), 1, MAX_CHARGES);
    return new LockedCheck(this, charges).judge();
  }

  /** Takes from the key hashed in the scratch as {@link QuickTake} does, if it can. */
  long takeQuickly(Kernel kernel, int id, Scratch key, long cost, long now) {
    if (!steady) {
      return QuickTake.LONG_WAY;
    }
    long[] segment = table.segmentOf(key.high);
    int slot = CellTable.slotOf(segment, key.high, key.low);
    return slot == 0 ? QuickTake.LONG_WAY : QuickTake.take(kernel, id, segment, slot, cost, now);
  }

  /**
   * Denies a take without a lock, if the key's state is in its cell, counted in the same
   * parameters, and has no room.
   *
   * <p>The state is read before the clock. If it has no room at the later moment it had none when
   * it was read, which is when this denial took place.
   */
  @Nullable Verdict denyQuickly(Kernel kernel, int id, Scratch key, long cost) {
    if (!steady || Cells.beside(kernel)) {
      return null;
    }
    long[] segment = table.segmentOf(key.high);
    int slot = CellTable.slotOf(segment, key.high, key.low);
    if (slot == 0) {
      return null;
    }
    long first = CellTable.first(segment, slot);
    long second = CellTable.second(segment, slot);
    boolean whole = (first & Cells.LOCK) == 0 && first == CellTable.first(segment, slot);
    if (!whole || Cells.kernelId(second) != id) {
      return null;
    }
    long now = time.micros();
    State state = Cells.state(kernel, first, second, now, true);
    Verdict verdict = Step.of(kernel, state, now, Operation.TAKE, cost).verdict();
    return verdict.outcome().denies() ? verdict : null;
  }

  TimeSource time() {
    return time;
  }

  boolean steady() {
    return steady;
  }

  CellTable table() {
    return table;
  }

  /** The state of a cell whose lock the caller holds. */
  State state(Kernel kernel, long high, long low, long first, long second, long now) {
    if (!Cells.beside(kernel)) {
      return Cells.state(kernel, first, second, now, steady);
    }
    State state = beside.get(new Address(high, low));
    return state != null ? state : Step.arithmetic(kernel).fresh(now);
  }

  /** Keeps the state of a cell whose lock the caller holds, as far as the cell cannot. */
  void keep(Kernel kernel, long high, long low, State state) {
    if (Cells.beside(kernel)) {
      State before = beside.put(new Address(high, low), state);
      entriesBeside.add(entries(state) - (before == null ? 0 : entries(before)));
    }
  }

  /** Drops what is kept beside the table for a cell whose lock the caller holds. */
  void drop(long high, long low) {
    State gone = beside.remove(new Address(high, low));
    entriesBeside.add(gone == null ? 0 : -entries(gone));
  }

  /** Whether logs and holds together have as many entries as the heap is meant to bear. */
  boolean crowded() {
    return entriesBeside.sum() >= maxEntriesBeside;
  }

  private static int entries(State state) {
    return switch (state) {
      case SlidingLogKernel.Log log -> log.times().length;
      case ConcurrencyKernel.Holds holds -> 4 * holds.holds().size();
      case TokenBucketKernel.Bucket b -> 0;
      case WindowKernel.Window w -> 0;
      case SlidingWindowKernel.Counters c -> 0;
    };
  }

  /** Reclaims keys that have been as if never used for some seconds; answers how many. */
  long sweep() {
    return table.sweep();
  }

  @Override
  public void close() {
    if (sweeper != null) {
      sweeper.stop();
    }
  }

  /** Knows when a cell is as if never used. */
  private final class Cleaner implements CellTable.Owner {

    @Override
    public boolean idle(long high, long low, long first, long second, boolean graceful) {
      Kernel kernel = KernelIds.kernel(Cells.kernelId(second));
      long now = time.micros() - (graceful ? GRACE_MICROS : 0);
      State state = state(kernel, high, low, first, second, now);
      // A look without the lock may see the kernel of one moment and the state of another.
      return Step.belongs(kernel, state) && Step.unused(kernel, state, now);
    }

    @Override
    public void forget(long high, long low, long second) {
      if (Cells.beside(KernelIds.kernel(Cells.kernelId(second)))) {
        drop(high, low);
      }
    }
  }
}
