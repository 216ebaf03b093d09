// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.weir.sizing.Coefficient;
import dev.weir.sizing.Coefficients;
import dev.weir.sizing.Cost;
import dev.weir.sizing.FrontEnd;
import dev.weir.sizing.Traffic;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The fit finds the coefficients of measurements that follow the model. */
final class ScaleFitTest {

  private static final double RATE = 50_000;

  private static Coefficients truth() {
    Map<Coefficient, Double> values = new EnumMap<>(Coefficient.class);
    double value = 1;
    for (Coefficient each : Coefficient.values()) {
      values.put(each, value);
      value += 0.5;
    }
    values.put(Coefficient.GATHERING, 0.5);
    values.put(Coefficient.GATHERING_PURCHASES, 0.8);
    return Coefficients.of(values);
  }

  @Test
  void coefficients_ofMeasurementsByTheModel_areFound() {
    Coefficients truth = truth();

    ScaleFit fit = ScaleFit.of(ScaleTable.read("made up", lines(truth)));

    for (Coefficient each : Coefficient.values()) {
      assertThat(fit.coefficients().of(each))
          .as(each.word())
          .isCloseTo(truth.of(each), within(truth.of(each) / 100));
    }
  }

  @Test
  void setups_heldOut_arePredictedAndNotFittedTo() {
    ScaleFit fit = ScaleFit.of(ScaleTable.read("made up", lines(truth())));

    List<ScaleFit.Comparison> heldOut =
        fit.comparisons().stream().filter(ScaleFit.Comparison::heldOut).toList();
    assertThat(heldOut).hasSize(ScaleFit.HELD_OUT.size());
    for (ScaleFit.Comparison each : heldOut) {
      assertThat(each.instanceError()).as(each.setup().name()).isCloseTo(0, within(0.01));
      assertThat(each.redisError()).as(each.setup().name()).isCloseTo(0, within(0.01));
    }
  }

  @Test
  void setups_heldOutAndOff_changeNoCoefficient() {
    List<String> lines = new ArrayList<>(lines(truth()));
    ScaleFit before = ScaleFit.of(ScaleTable.read("made up", lines));
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith("run,") && ScaleFit.heldOut(ScaleRun.parse(line.substring(4)).setup())) {
        ScaleRun run = ScaleRun.parse(line.substring(4));
        double[] doubled = run.figures().clone();
        doubled[ScaleRun.NAMES.indexOf("instance-micros")] *= 2;
        lines.set(i, "run," + new ScaleRun(run.setup(), run.round(), doubled).line());
      }
    }

    ScaleFit after = ScaleFit.of(ScaleTable.read("made up", lines));

    assertThat(after.coefficients().text()).isEqualTo(before.coefficients().text());
    assertThat(after.comparisons())
        .filteredOn(ScaleFit.Comparison::heldOut)
        .isNotEmpty()
        .allSatisfy(each -> assertThat(each.instanceError()).isCloseTo(-0.5, within(0.01)));
  }

  @Test
  void lines_thatAreNone_areToldWithTheirPlace() {
    assertThatThrownBy(() -> ScaleTable.read("runs.csv", List.of("# head", "walk,1,2")))
        .hasMessageStartingWith("runs.csv:2: ");
    assertThatThrownBy(() -> ScaleTable.read("runs.csv", List.of("run,1,2")))
        .hasMessageStartingWith("runs.csv:1: 1,2 (expected: ");
  }

  private static List<String> lines(Coefficients truth) {
    List<String> lines = new ArrayList<>();
    for (ScaleSetup setup : ScaleSetup.all()) {
      lines.add("run," + new ScaleRun(setup, 1, figures(setup, truth)).line());
    }
    double key = truth.of(Coefficient.MEMORY_KEY);
    double limit = truth.of(Coefficient.MEMORY_LIMIT);
    double cluster = truth.of(Coefficient.MEMORY_CLUSTER);
    lines.add("memory,1,1," + key);
    lines.add("memory,1,3," + (key + 2 * limit));
    lines.add("memory,3,1," + (key + cluster));
    Traffic alone = new Traffic(FrontEnd.GRPC, 1, 1, 1, 0, 1, 1);
    double micros = Cost.at(alone, truth, RATE, RATE).redisMicros();
    lines.add(String.format(Locale.ROOT, "round,%f,%f", micros, RATE * micros / 1e6));
    for (int instances : new int[] {1, 2, 4}) {
      lines.add(
          String.format(
              Locale.ROOT,
              "idle,1,1,%d,%f,%f",
              instances,
              truth.of(Coefficient.INSTANCE_IDLE),
              truth.of(Coefficient.REDIS_IDLE) + instances * truth.of(Coefficient.REDIS_INSTANCE)));
    }
    return lines;
  }

  private static double[] figures(ScaleSetup setup, Coefficients truth) {
    double purchases =
        setup.mode().equals(ScaleSetup.LEASED)
            ? 10
                * ScaleSetup.HOT_KEYS
                * setup.instances()
                * truth.of(Coefficient.LEASE_PURCHASES)
                / RATE
            : 0;
    double checks =
        setup.shards() == 0 ? 0 : setup.mode().equals(ScaleSetup.LEASED) ? 1 - setup.hotShare() : 1;
    double inFlight =
        (double) setup.inFlight()
            * setup.batch()
            / (setup.instances() * setup.loops() * Math.max(1, setup.shards()));
    Traffic traffic =
        new Traffic(
            setup.frontEnd().equals("grpc") ? FrontEnd.GRPC : FrontEnd.HTTP,
            setup.batch(),
            setup.limits(),
            checks,
            purchases,
            setup.shards(),
            Traffic.inRound(
                inFlight * (checks + purchases),
                inFlight * purchases,
                truth.of(Coefficient.GATHERING),
                truth,
                setup.limits()));
    Cost cost =
        Cost.at(
            traffic,
            truth,
            RATE / (setup.instances() * setup.loops()),
            RATE / Math.max(1, setup.shards()));
    double[] figures = new double[ScaleRun.NAMES.size()];
    put(figures, "decisions-per-second", RATE);
    put(figures, "instance-micros", cost.instanceMicros());
    put(figures, "redis-micros", cost.redisMicros());
    put(figures, "store-checks", checks + purchases);
    put(figures, "reads", traffic.rounds());
    put(figures, "redis-bytes", cost.redisBytes());
    put(figures, "loopback-bytes", cost.redisBytes() + cost.clientBytes());
    return figures;
  }

  private static void put(double[] figures, String name, double value) {
    figures[ScaleRun.NAMES.indexOf(name)] = value;
  }
}
