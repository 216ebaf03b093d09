// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

final class CellTableTest {

  /** Cells whose second word is in the set are idle. */
  private final Set<Long> idle = ConcurrentHashMap.newKeySet();

  private final List<Long> forgotten = new ArrayList<>();

  private CellTable table(long maxKeys) {
    return new CellTable(
        maxKeys,
        new CellTable.Owner() {
          @Override
          public boolean idle(long high, long low, long first, long second, boolean graceful) {
            return idle.contains(second);
          }

          @Override
          public void forget(long high, long low, long second) {
            forgotten.add(second);
          }
        });
  }

  private static long secondOf(CellTable table, long high, long low) {
    long[] segment = table.segmentOf(high);
    int slot = CellTable.slotOf(segment, high, low);
    return slot == 0 ? -1 : CellTable.second(segment, slot);
  }

  private static long[] hashes(long seed, int count) {
    Random random = new Random(seed);
    long[] hashes = new long[count];
    for (int i = 0; i < count; i++) {
      hashes[i] = random.nextLong() | 1;
    }
    return hashes;
  }

  @Test
  void insert_manyKeys_allAreFoundAcrossSplits() {
    CellTable table = table(1_000_000);
    long[] hashes = hashes(1, 20_000);
    for (int i = 0; i < hashes.length; i++) {
      assertThat(table.insert(hashes[i], i, 2L * i, i)).isEqualTo(CellTable.Insertion.DONE);
    }
    assertThat(table.keys()).isEqualTo(hashes.length);
    for (int i = 0; i < hashes.length; i++) {
      assertThat(secondOf(table, hashes[i], i)).isEqualTo(i);
      assertThat(secondOf(table, hashes[i], i + 1)).isEqualTo(-1);
    }
  }

  @Test
  void insert_sameHighHalf_keysStayApart() {
    CellTable table = table(1_000);
    for (int low = 0; low < 40; low++) {
      table.insert(77, low, 0, low);
    }
    for (int low = 0; low < 40; low++) {
      assertThat(secondOf(table, 77, low)).isEqualTo(low);
    }
  }

  @Test
  void insert_again_keepsTheCell() {
    CellTable table = table(10);
    table.insert(5, 6, 8, 1);
    table.insert(5, 6, 10, 2);
    assertThat(secondOf(table, 5, 6)).isEqualTo(1);
    assertThat(table.keys()).isEqualTo(1);
  }

  @Test
  void insert_atTheBoundWithoutIdleKeys_isRefused() {
    CellTable table = table(100);
    long[] hashes = hashes(2, 101);
    for (int i = 0; i < 100; i++) {
      assertThat(table.insert(hashes[i], i, 0, i)).isEqualTo(CellTable.Insertion.DONE);
    }
    assertThat(table.insert(hashes[100], 100, 0, 100)).isEqualTo(CellTable.Insertion.FULL);
    assertThat(table.keys()).isEqualTo(100);
  }

  @Test
  void insert_atTheBound_anIdleKeyOfAnySegmentMakesRoom() {
    CellTable table = table(200);
    long[] hashes = hashes(3, 240);
    for (int i = 0; i < 200; i++) {
      table.insert(hashes[i], i, 0, i);
    }
    for (int i = 200; i < 240; i++) {
      long gone = i - 200;
      idle.add(gone);
      assertThat(table.insert(hashes[i], i, 0, i)).isEqualTo(CellTable.Insertion.DONE);
      assertThat(secondOf(table, hashes[(int) gone], gone)).isEqualTo(-1);
      assertThat(forgotten).contains(gone);
      assertThat(table.keys()).isEqualTo(200);
    }
  }

  @Test
  void sweep_idleKeys_areReclaimedAndSegmentsMerge() {
    CellTable table = table(1_000_000);
    long[] hashes = hashes(4, 10_000);
    for (int i = 0; i < hashes.length; i++) {
      table.insert(hashes[i], i, 0, i);
    }
    long segments = segments(table, hashes);
    for (long i = 100; i < hashes.length; i++) {
      idle.add(i);
    }
    assertThat(table.sweep()).isEqualTo(9_900);
    for (int round = 0; round < 12; round++) {
      table.sweep();
    }
    assertThat(table.keys()).isEqualTo(100);
    assertThat(forgotten).hasSize(9_900);
    assertThat(segments(table, hashes)).isLessThan(segments / 20);
    for (int i = 0; i < 100; i++) {
      assertThat(secondOf(table, hashes[i], i)).isEqualTo(i);
    }
  }

  private static long segments(CellTable table, long[] hashes) {
    Set<Integer> distinct = ConcurrentHashMap.newKeySet();
    for (long hash : hashes) {
      distinct.add(System.identityHashCode(table.segmentOf(hash)));
    }
    return distinct.size();
  }

  @Test
  void sweep_keysInsertedWhileItWaits_areNotMergedBeyondASegment() throws InterruptedException {
    CellTable table = table(1_000_000);
    for (long i = 0; i < 49; i++) {
      table.insert(i << 63 | i << 6 | 1, i, 0, i);
    }
    for (long i = 2; i < 49; i++) {
      idle.add(i);
    }
    assertThat(table.segmentOf(-1)).isNotSameAs(table.segmentOf(1));
    for (long i = 0; i < 24; i++) {
      table.insert(i << 7 | 5, 20_000 + i, 0, 20_000 + i);
    }
    table.sweep();
    assertThat(table.keys()).isEqualTo(26);
    assertThat(table.segmentOf(-1)).isNotSameAs(table.segmentOf(1));
    idle.add(20_000L);
    idle.add(20_001L);
    Thread sweeper = new Thread(table::sweep);
    sweeper.setDaemon(true);
    long[] waitedFor = table.segmentOf(-1);
    synchronized (waitedFor) {
      sweeper.start();
      while (sweeper.getState() != Thread.State.BLOCKED
          && sweeper.getState() != Thread.State.TERMINATED) {
        Thread.onSpinWait();
      }
      for (long i = 0; i < 46; i++) {
        table.insert(1L << 63 | i << 7 | 3, 10_000 + i, 0, 10_000 + i);
      }
    }
    sweeper.join(10_000);
    assertThat(sweeper.isAlive()).isFalse();
    for (long i = 0; i < 46; i++) {
      assertThat(secondOf(table, 1L << 63 | i << 7 | 3, 10_000 + i)).isEqualTo(10_000 + i);
    }
  }

  @Test
  void lockedCell_isWaitedForByASplit() throws InterruptedException {
    CellTable table = table(1_000_000);
    table.insert(1, 1, 40, 1);
    long[] segment = table.segmentOf(1);
    int slot = CellTable.slotOf(segment, 1, 1);
    assertThat(CellTable.replaceFirst(segment, slot, 40, 41)).isTrue();
    Thread filler =
        new Thread(
            () -> {
              for (long i = 2; i < 200; i++) {
                table.insert(i * 0x9E3779B97F4A7C15L, i, 0, i);
              }
            });
    filler.start();
    while (table.keys() < 48) {
      Thread.onSpinWait();
    }
    CellTable.setFirst(segment, slot, 60);
    filler.join(10_000);
    assertThat(table.keys()).isEqualTo(199);
    long[] successor = table.segmentOf(1);
    assertThat(CellTable.first(successor, CellTable.slotOf(successor, 1, 1))).isEqualTo(60);
    assertThat(CellTable.first(segment, slot) & Cells.LOCK).isEqualTo(1);
  }
}
