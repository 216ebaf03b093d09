// SPDX-License-Identifier: Apache-2.0
package dev.weir.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Fleets for demands, with round coefficients that can be followed by hand. */
final class SizeTest {

  private static final Coefficients ROUND = round();
  private static final Duration LEASE = Duration.ofMillis(100);

  private static Coefficients round() {
    Map<Coefficient, Double> values = new EnumMap<>(Coefficient.class);
    for (Coefficient each : Coefficient.values()) {
      values.put(each, 0.0);
    }
    values.put(Coefficient.INSTANCE_HTTP, 4.0);
    values.put(Coefficient.INSTANCE_CHECK, 1.0);
    values.put(Coefficient.INSTANCE_STORE, 2.0);
    values.put(Coefficient.INSTANCE_ROUND, 3.0);
    values.put(Coefficient.REDIS_CHECK, 2.0);
    values.put(Coefficient.REDIS_LIMIT, 1.0);
    values.put(Coefficient.REDIS_ROUND, 3.0);
    values.put(Coefficient.REDIS_WAKE, 40.0);
    values.put(Coefficient.INSTANCE_WAKE, 30.0);
    values.put(Coefficient.BYTES_HTTP, 200.0);
    values.put(Coefficient.BYTES_CHECK, 50.0);
    values.put(Coefficient.MEMORY_KEY, 150.0);
    values.put(Coefficient.MEMORY_LIMIT, 25.0);
    values.put(Coefficient.MEMORY_CLUSTER, 40.0);
    values.put(Coefficient.LEASE_PURCHASES, 2.0);
    return Coefficients.of(values);
  }

  @Test
  void memory_ofARate_isItsProcessorTimeAndHeadroom() {
    Size size = Size.of(Demand.of(Mode.MEMORY, 1_000_000, 1_000), ROUND);

    // 5 µs a decision are 5 processors, of instances with 4 that are 60 % used at most.
    assertThat(size.nodes()).isEqualTo(3);
    assertThat(size.nodeBusy()).isCloseTo(5.0 / 12, within(1e-9));
    assertThat(size.shards()).isZero();
    assertThat(size.redisBytes()).isZero();
    assertThat(size.clientGigabits()).isCloseTo(2.0, within(1e-9));
    assertThat(size.nodeBusyWithOneLess()).isCloseTo(5.0 / 8, within(1e-9));
    assertThat(size.limitedBy()).isEqualTo("the instances' processors");
  }

  @Test
  void batches_ofChecks_shareTheirRequest() {
    Demand single = Demand.of(Mode.MEMORY, 1_000_000, 1_000);

    Cost cost = Size.of(single.asked(FrontEnd.HTTP, 100), ROUND).cost();

    assertThat(cost.instanceMicros()).isCloseTo(1.04, within(1e-9));
    assertThat(cost.clientBytes()).isCloseTo(52.0, within(1e-9));
  }

  @Test
  void exact_atALowRate_isARoundForEachCheck() {
    Size size = Size.of(Demand.of(Mode.EXACT, 1_000, 1_000_000), ROUND);

    assertThat(size.nodes()).isOne();
    assertThat(size.shards()).isOne();
    assertThat(size.traffic().roundChecks()).isEqualTo(1);
    assertThat(size.traffic().rounds()).isEqualTo(1);
    assertThat(size.cost().instanceMicros()).isEqualTo(10);
    assertThat(size.cost().redisMicros()).isEqualTo(5);
    assertThat(size.redisBytes()).isEqualTo(150e6);
    assertThat(size.meanMicros()).isBetween(200.0, 220.0);
    assertThat(size.p99Micros()).isGreaterThanOrEqualTo(size.meanMicros());
  }

  @Test
  void exact_onASingleServer_gathersHalfOfWhatComesInARoundTrip() {
    Demand demand = Demand.of(Mode.EXACT, 160_000, 1_000).on(4, 0.4, 1_000);

    Traffic traffic = Size.at(demand, ROUND, 1, 1).traffic();

    // 40 000/s of each event loop, half of 1 ms and what Redis itself takes.
    assertThat(traffic.roundChecks()).isBetween(20.0, 24.0);
    assertThat(traffic.rounds()).isCloseTo(1 / traffic.roundChecks(), within(1e-9));
  }

  @Test
  void exact_inACluster_gathersForEachShard() {
    Demand demand = Demand.of(Mode.EXACT, 160_000, 1_000).on(4, 0.4, 1_000);

    Size size = Size.at(demand, ROUND, 1, 2);

    // 20 000/s of each event loop and shard.
    assertThat(size.traffic().roundChecks()).isBetween(10.0, 12.0);
    assertThat(size.redisBytes()).isEqualTo(1_000 * 190);
  }

  @Test
  void cost_atALowRate_hasWakesThatVanishAsTheRateGrows() {
    Traffic traffic = new Traffic(FrontEnd.HTTP, 1, 1, 1, 0, 1, 1);

    // 5 µs awake, 45 asleep: of 10 000 a second, 310 ms of work leave 69 % of 40 µs.
    assertThat(Cost.at(traffic, ROUND, 1, 1).redisMicros()).isCloseTo(45, within(0.1));
    assertThat(Cost.at(traffic, ROUND, 1, 10_000).redisMicros()).isCloseTo(45 / 1.4, within(1e-9));
    assertThat(Cost.at(traffic, ROUND, 1, 1e6).redisMicros()).isEqualTo(5);
    assertThat(Cost.at(traffic, ROUND, 1, 1).instanceMicros()).isCloseTo(40, within(0.1));
    assertThat(Cost.of(traffic, ROUND).redisMicros()).isEqualTo(5);
  }

  @Test
  void fleets_ofGrowingRates_growAndKeepTheirHeadroom() {
    int cores = 0;
    for (double rate = 1_000; rate < 10_000_000; rate *= 3) {
      Size size = Size.of(Demand.of(Mode.EXACT, rate, 1_000_000), ROUND);

      assertThat(size.nodeBusy()).isLessThanOrEqualTo(0.6);
      assertThat(size.shardBusy()).isLessThanOrEqualTo(0.6);
      assertThat(size.cores()).isGreaterThanOrEqualTo(cores);
      cores = size.cores();
    }
  }

  @Test
  void leases_ofHotKeys_costPurchasesForEachInstance() {
    Demand demand = Demand.of(Mode.LEASED, 1_000_000, 1_000_000).hot(Hot.of(0.9, 100), LEASE);

    Size two = Size.at(demand, ROUND, 2, 1);
    Size four = Size.at(demand, ROUND, 4, 1);

    assertThat(two.leasedKeys()).isEqualTo(100);
    assertThat(two.leasedShare()).isCloseTo(0.9, within(1e-9));
    assertThat(two.traffic().checks()).isCloseTo(0.1, within(1e-9));
    // 100 keys, 2 instances, 2 purchases in 100 ms.
    assertThat(two.traffic().purchases() * 1_000_000).isCloseTo(4_000, within(1e-6));
    assertThat(four.traffic().purchases()).isCloseTo(2 * two.traffic().purchases(), within(1e-9));
  }

  @Test
  void leases_ofKeysThatComeSeldom_areNone() {
    Demand demand = Demand.of(Mode.LEASED, 10_000, 1_000_000);

    Size leased = Size.of(demand, ROUND);

    assertThat(leased.leasedKeys()).isZero();
    assertThat(leased.cost())
        .isEqualTo(Size.of(Demand.of(Mode.EXACT, 10_000, 1_000_000), ROUND).cost());
  }

  @Test
  void limits_onOneKey_shareTheirCall() {
    Size size = Size.of(Demand.of(Mode.EXACT, 1_000, 1_000).limits(3), ROUND);

    assertThat(size.cost().redisMicros()).isEqualTo(7);
    assertThat(size.redisBytes()).isEqualTo(200_000);
  }

  @Test
  void mostRate_ofShards_isWhatTheyServeAndNoMore() {
    Demand demand = Demand.of(Mode.EXACT, 1, 1_000_000);

    double most = Size.mostRate(demand, ROUND, 10);

    assertThat(Size.of(demand.rate(most * 0.99), ROUND, 10).shards()).isEqualTo(10);
    assertThat(Size.of(demand.rate(most * 1.01), ROUND, 10).shards()).isGreaterThan(10);
  }

  @Test
  void demands_outOfRange_tellValueAndExpectation() {
    assertThatThrownBy(() -> Demand.of(Mode.EXACT, 0, 1))
        .hasMessage("rate: 0 (expected: 1..1000000000)");
    assertThatThrownBy(() -> Demand.of(Mode.EXACT, Double.NaN, 1))
        .hasMessage("rate: NaN (expected: 1..1000000000)");
    assertThatThrownBy(() -> Demand.of(Mode.EXACT, 1, 1).asked(FrontEnd.GRPC, 2))
        .hasMessage("checks per request: 2 (expected: 1..1)");
    assertThatThrownBy(() -> Hot.zipf(11)).hasMessage("zipf: 11 (expected: 0..10)");
  }

  @Test
  void shipped_coefficients_sizeEveryMode() {
    for (Mode mode : Mode.values()) {
      Size size = Size.of(Demand.of(mode, 100_000, 1_000_000), Coefficients.shipped());

      assertThat(size.nodes()).isPositive();
      assertThat(size.shards() > 0).isEqualTo(mode != Mode.MEMORY);
    }
  }
}
