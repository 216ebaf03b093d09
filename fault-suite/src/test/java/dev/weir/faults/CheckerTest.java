// SPDX-License-Identifier: Apache-2.0
package dev.weir.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.FailurePolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** That the checker finds each kind of broken promise, and nothing where all is well. */
final class CheckerTest {
  private static final long MILLI = 1_000_000;
  private static final long BEGAN = 1_000 * MILLI;
  private static final long ENDED = 2_000 * MILLI;
  private static final long FAST = MILLI;

  private static final Told.Key OPEN = new Told.Key(FailurePolicy.OPEN, false, 0);
  private static final Told.Key CLOSED = new Told.Key(FailurePolicy.CLOSED, false, 0);
  private static final Told.Key TIGHT = new Told.Key(FailurePolicy.CLOSED, true, 0);
  private static final Told.Key LOCAL = new Told.Key(FailurePolicy.LOCAL, true, 0);

  private final List<Told> told = new ArrayList<>();
  private final Map<Told.Key, Counted> counted = new HashMap<>();
  private Expectation expectation = Expectation.of(Duration.ofMillis(25), Duration.ofMillis(10));
  private long forgotten;

  private void tell(Told.Key key, long asked, long nanos, boolean allowed, Told.Fate fate) {
    told.add(new Told(key, asked, asked + nanos, allowed, fate));
  }

  private void count(Told.Key key, long times) {
    counted.put(key, new Counted(times, times));
  }

  private Findings check() {
    return Checker.check(
        "test",
        new History(told.size() + forgotten, told, counted, BEGAN, ENDED, Stalls.none()),
        expectation);
  }

  /** A check before the fault, one during it and one after it. */
  private void outage(Told.Key key, Told.Fate fate) {
    tell(key, 0, FAST, true, Told.Fate.JUDGED);
    tell(key, BEGAN + 1, FAST, key.onFailure() == FailurePolicy.OPEN, fate);
    tell(key, ENDED + 1, FAST, true, Told.Fate.JUDGED);
  }

  @Test
  void check_outageByTheRules_nothingIsBroken() {
    outage(OPEN, Told.Fate.NOT_MADE);
    outage(CLOSED, Told.Fate.UNKNOWN);
    count(OPEN, 2);
    count(CLOSED, 2);
    Findings findings = check();
    assertThat(findings.broken()).isEmpty();
    assertThat(findings.checks()).isEqualTo(6);
    assertThat(findings.allowedByStore()).isEqualTo(4);
    assertThat(findings.allowedByPolicy()).isEqualTo(1);
    assertThat(findings.deniedByPolicy()).isEqualTo(1);
    assertThat(findings.unknown()).isEqualTo(1);
    assertThat(findings.longestNanos()).isEqualTo(FAST);
    assertThat(findings.backNanos()).hasValue(1 + FAST);
  }

  @Test
  void check_admittedAndNotCounted_isLost() {
    outage(OPEN, Told.Fate.NOT_MADE);
    count(OPEN, 1);
    assertThat(check().lost()).isEqualTo(1);
    assertThat(check().broken()).singleElement().asString().startsWith("R25");
    expectation = expectation.redisLosesWrites();
    assertThat(check().lost()).isEqualTo(1);
    assertThat(check().broken()).isEmpty();
    count(OPEN, 0);
    assertThat(check().broken()).singleElement().asString().startsWith("R25");
  }

  @Test
  void check_countedForADeniedCaller_isPhantom() {
    outage(CLOSED, Told.Fate.UNKNOWN);
    count(CLOSED, 3);
    assertThat(check().phantom()).isEqualTo(1);
    assertThat(check().broken()).singleElement().asString().startsWith("R22 what a denied");
    expectation = expectation.answersAreLost();
    assertThat(check().phantom()).isEqualTo(1);
    assertThat(check().broken()).isEmpty();
  }

  @Test
  void check_countedForAnAllowedCaller_isNoPhantom() {
    outage(OPEN, Told.Fate.UNKNOWN);
    count(OPEN, 3);
    assertThat(check().phantom()).isZero();
    assertThat(check().broken()).isEmpty();
  }

  @Test
  void check_countedMoreOftenThanSent_isBroken() {
    outage(OPEN, Told.Fate.NOT_MADE);
    count(OPEN, 3);
    expectation = expectation.answersAreLost();
    assertThat(check().broken()).singleElement().asString().startsWith("R22 a charge is sent once");
  }

  @Test
  void check_twoLimitsOfOneCheckDiffer_isBroken() {
    outage(OPEN, Told.Fate.NOT_MADE);
    counted.put(OPEN, new Counted(2, 1));
    assertThat(check().broken()).singleElement().asString().startsWith("R1");
  }

  @Test
  void check_moreThanTheLimit_isBroken() {
    outage(TIGHT, Told.Fate.NOT_MADE);
    for (int i = 0; i < Checker.LIMIT; i++) {
      tell(TIGHT, i, FAST, true, Told.Fate.JUDGED);
    }
    count(TIGHT, Checker.LIMIT + 2);
    assertThat(check().broken()).singleElement().asString().startsWith("R3");
    expectation = expectation.clockSteps(1);
    assertThat(check().broken()).isEmpty();
  }

  @Test
  void check_againstTheFailurePolicy_isBroken() {
    outage(OPEN, Told.Fate.NOT_MADE);
    tell(OPEN, BEGAN, FAST, false, Told.Fate.NOT_MADE);
    count(OPEN, 2);
    assertThat(check().broken()).singleElement().asString().startsWith("R23 the failure policy");
  }

  @Test
  void check_moreThanTheLocalShare_isBroken() {
    outage(OPEN, Told.Fate.NOT_MADE);
    count(OPEN, 2);
    for (int i = 0; i < Checker.LIMIT / Checker.NODES; i++) {
      tell(LOCAL, BEGAN, FAST, true, Told.Fate.NOT_MADE);
    }
    assertThat(check().broken()).isEmpty();
    tell(LOCAL, BEGAN, FAST, true, Told.Fate.NOT_MADE);
    assertThat(check().broken()).singleElement().asString().startsWith("R23 a local share");
  }

  @Test
  void check_answerPastItsDeadline_isBroken() {
    outage(OPEN, Told.Fate.NOT_MADE);
    count(OPEN, 3);
    tell(OPEN, 0, 35 * MILLI, true, Told.Fate.JUDGED);
    assertThat(check().broken()).isEmpty();
    tell(OPEN, 0, 36 * MILLI, true, Told.Fate.UNKNOWN);
    assertThat(check().broken()).singleElement().asString().startsWith("R22 every check");
    assertThat(check().latenessNanos()).isEqualTo(11 * MILLI);
  }

  @Test
  void check_neverAnswered_isBroken() {
    outage(OPEN, Told.Fate.NOT_MADE);
    count(OPEN, 2);
    forgotten = 1;
    assertThat(check().broken()).singleElement().asString().startsWith("R22 every check");
  }

  @Test
  void check_storeDoesNotComeBack_isBroken() {
    outage(OPEN, Told.Fate.NOT_MADE);
    told.removeLast();
    count(OPEN, 1);
    assertThat(check().broken()).singleElement().asString().startsWith("R23 the first success");
  }

  @Test
  void check_leftToThePolicyWhereTheStoreServes_isBroken() {
    outage(OPEN, Told.Fate.NOT_MADE);
    count(OPEN, 2);
    expectation = expectation.storeKeepsServing();
    assertThat(check().broken()).singleElement().asString().startsWith("the store keeps serving");
  }

  @Test
  void check_victim_isLeftOutAndMustHaveBeenOne() {
    outage(OPEN, Told.Fate.NOT_MADE);
    tell(CLOSED, 0, FAST, true, Told.Fate.JUDGED);
    count(OPEN, 0);
    count(CLOSED, 1);
    expectation = expectation.storeKeepsServing().exceptFor(OPEN);
    assertThat(check().broken()).isEmpty();
    told.remove(1);
    assertThat(check().broken()).singleElement().asString().startsWith("the fault is one");
  }

  @Test
  void check_rememberedDenial_isNeitherAnAnswerOfTheStoreNorAFailure() {
    outage(OPEN, Told.Fate.NOT_MADE);
    tell(OPEN, ENDED, 0, false, Told.Fate.REMEMBERED);
    count(OPEN, 2);
    Findings findings = check();
    assertThat(findings.broken()).isEmpty();
    assertThat(findings.backNanos()).hasValue(1 + FAST);
    assertThat(findings.deniedByStore()).isEqualTo(1);
    tell(OPEN, ENDED, 0, true, Told.Fate.REMEMBERED);
    assertThat(check().broken()).singleElement().asString().startsWith("R28");
  }
}
