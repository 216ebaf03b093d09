// SPDX-License-Identifier: Apache-2.0
package dev.weir.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.examples.Bucket4jMigration.Counting;
import dev.weir.testkit.ManualTimeSource;
import io.github.bucket4j.TimeMeter;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever moves from bucket4j gets the same decisions. */
final class Bucket4jMigrationTest {

  private static final List<String> USERS = List.of("ann", "ben", "eve");

  private ManualTimeSource time;
  private Counting before;
  private Counting after;

  @BeforeEach
  void start() {
    time = ManualTimeSource.create();
    TimeMeter sameClock =
        new TimeMeter() {
          @Override
          public long currentTimeNanos() {
            return time.micros() * 1_000;
          }

          @Override
          public boolean isWallClockBased() {
            return true;
          }
        };
    before = new Bucket4jMigration.Before(sameClock);
    after = new Bucket4jMigration.After(time);
  }

  @Test
  void randomTraffic_isDecidedAlike() {
    for (long seed = 1; seed <= 50; seed++) {
      start();
      Random random = new Random(seed);
      int denied = 0;
      for (int i = 0; i < 2_000; i++) {
        time.advanceMicros(random.nextInt(400_000));
        String user = USERS.get(random.nextInt(USERS.size()));
        int cost = 1 + random.nextInt(20);
        String step = "seed " + seed + ", step " + i;
        switch (random.nextInt(3)) {
          case 0 -> assertThat(after.take(user, cost)).as(step).isEqualTo(before.take(user, cost));
          case 1 -> {
            var expected = before.takeAndTell(user, cost);
            var told = after.takeAndTell(user, cost);
            assertThat(told.allowed()).as(step).isEqualTo(expected.allowed());
            assertThat(told.waitMicros()).as(step).isEqualTo(expected.waitMicros());
            if (told.allowed()) {
              assertThat(told.remaining()).as(step).isEqualTo(expected.remaining());
            } else {
              denied++;
            }
          }
          default -> {
            var expected = before.look(user, cost);
            var told = after.look(user, cost);
            assertThat(told.allowed()).as(step).isEqualTo(expected.allowed());
            assertThat(told.waitMicros()).as(step).isEqualTo(expected.waitMicros());
          }
        }
      }
      assertThat(denied).isPositive();
    }
  }

  @Test
  void permitsGivenBack_countAlike() {
    for (Counting each : List.of(before, after)) {
      each.take("ann", 50);
      each.giveBack("ann", 20);
      assertThat(each.left("ann")).isEqualTo(20);
      each.giveBack("ann", 1_000);
      assertThat(each.left("ann")).isEqualTo(50);
      each.take("ann", 30);
      each.reset("ann");
      assertThat(each.left("ann")).isEqualTo(50);
    }
  }

  @Test
  void costsRecordedAfterwards_areADebtInBoth() {
    for (Counting each : List.of(before, after)) {
      each.recordAnyway("ann", 60);
      assertThat(each.take("ann", 1)).isFalse();
    }
    // Ten that are owed and one to take are earned in 1.1 seconds.
    assertThat(after.takeAndTell("ann", 1).waitMicros()).isEqualTo(1_100_000);
    assertThat(before.takeAndTell("ann", 1).waitMicros()).isEqualTo(1_100_000);
  }

  @Test
  void costBeyondTheCapacity_isDeniedForEver() {
    assertThat(before.takeAndTell("ann", 51).waitMicros())
        .isEqualTo(Math.ceilDiv(Long.MAX_VALUE, 1_000L));
    assertThat(after.takeAndTell("ann", 51)).isEqualTo(new Bucket4jMigration.Told(false, 50, 0));
  }

  @Test
  void limitsReplaced_keepWhatIsSpent() {
    for (Counting each : List.of(before, after)) {
      each.take("ann", 48);
      each.replaceLimits();
      assertThat(each.left("ann")).as(each.getClass().getSimpleName()).isEqualTo(2);
    }
    // A full bucket is cut at the new capacity.
    assertThat(after.left("ben")).isEqualTo(5);
  }
}
