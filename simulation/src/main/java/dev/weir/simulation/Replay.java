// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import dev.weir.core.Decision;
import dev.weir.core.LimitId;
import dev.weir.core.LimitState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Has requests judged at their times and counts what comes of it. Used by one thread. */
final class Replay {

  private static final int REQUESTS = 0;

  private final LogClock clock;
  private final List<Judge> judges;
  private final Timeline timeline;
  private final KeyTallies losing;
  private final KeyTallies gaining;
  private long both;
  private long lost;
  private long gained;

  Replay(LogClock clock, List<Judge> judges, long bucketMicros, int mostKeys) {
    this.clock = clock;
    this.judges = List.copyOf(judges);
    this.timeline = new Timeline(1 + judges.size(), bucketMicros);
    this.losing = new KeyTallies(mostKeys);
    this.gaining = new KeyTallies(mostKeys);
  }

  void judge(Request request) {
    long micros = request.micros();
    clock.turn(micros);
    timeline.count(REQUESTS, micros);
    Decision one = judges.getFirst().judge(request);
    if (!one.allowed()) {
      timeline.count(1, micros);
    }
    if (judges.size() > 1) {
      Decision other = judges.get(1).judge(request);
      if (!other.allowed()) {
        timeline.count(2, micros);
      }
      compare(one, other, micros);
    }
  }

  private void compare(Decision one, Decision other, long micros) {
    if (!one.allowed() && !other.allowed()) {
      both++;
    } else if (!other.allowed()) {
      lost++;
      denier(other).ifPresent(state -> losing.count(state.key(), micros));
    } else if (!one.allowed()) {
      gained++;
      denier(one).ifPresent(state -> gaining.count(state.key(), micros));
    }
  }

  private static Optional<LimitState> denier(Decision denial) {
    return denial.deciding().filter(state -> !state.allowed());
  }

  List<SimulationReport.PolicyResult> results(int top) {
    return judges.stream().map(judge -> result(judge, top)).toList();
  }

  private static SimulationReport.PolicyResult result(Judge judge, int top) {
    PolicyTally tally = judge.tally();
    boolean any = tally.denied() > 0;
    return new SimulationReport.PolicyResult(
        judge.name(),
        tally.requests(),
        tally.denied(),
        tally.reasons(),
        any ? Optional.of(tally.firstMicros()) : Optional.empty(),
        any ? Optional.of(tally.lastMicros()) : Optional.empty(),
        tally.limits().values().stream().map(Replay::limit).toList(),
        keys(tally.keys(), top),
        tally.keys().keys(),
        tally.keys().forgottenCounts(),
        tally.keys().mayLack());
  }

  private static SimulationReport.LimitResult limit(PolicyTally.LimitTally tally) {
    boolean any = tally.denied > 0;
    return new SimulationReport.LimitResult(
        tally.id.policy(),
        tally.id.limit(),
        tally.rate,
        tally.mode,
        tally.judged,
        tally.over,
        tally.denied,
        any ? Optional.of(tally.firstMicros) : Optional.empty(),
        any ? Optional.of(tally.lastMicros) : Optional.empty());
  }

  private static List<SimulationReport.KeyResult> keys(KeyTallies tallies, int top) {
    return tallies.top(top).stream().map(Replay::key).toList();
  }

  private static SimulationReport.KeyResult key(KeyTallies.Tally tally) {
    LimitId limit = tally.key.limit();
    return new SimulationReport.KeyResult(
        limit.policy(),
        limit.limit(),
        tally.key.parts(),
        tally.count,
        tally.firstMicros,
        tally.lastMicros);
  }

  Optional<SimulationReport.Comparison> comparison(int top) {
    return judges.size() < 2
        ? Optional.empty()
        : Optional.of(
            new SimulationReport.Comparison(
                both, lost, gained, keys(losing, top), keys(gaining, top)));
  }

  SimulationReport.Series series() {
    List<List<Long>> denied = new ArrayList<>();
    for (int i = 0; i < judges.size(); i++) {
      denied.add(column(1 + i));
    }
    long start = timeline.buckets() == 0 ? 0 : timeline.startMicros(0);
    return new SimulationReport.Series(start, timeline.widthMicros(), column(REQUESTS), denied);
  }

  private List<Long> column(int series) {
    List<Long> column = new ArrayList<>(timeline.buckets());
    for (int i = 0; i < timeline.buckets(); i++) {
      column.add(timeline.get(i, series));
    }
    return List.copyOf(column);
  }
}
