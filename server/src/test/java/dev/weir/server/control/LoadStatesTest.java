// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.policy.PolicyCatalog;
import dev.weir.policy.PolicyFile;
import dev.weir.records.AuditRecord;
import dev.weir.records.MemoryRecords;
import dev.weir.records.RecordStore;
import dev.weir.server.identity.ChangeRefused;
import dev.weir.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoadStatesTest {

  private static final String STATES =
      """
      version: 1
      states: { degraded: , busy: { shed: low } }
      policies: [ { name: p, limits: [ 1/s ] } ]
      """;

  private final RecordStore records = MemoryRecords.create();
  private final ManualTimeSource time = ManualTimeSource.create();
  private final List<Runnable> alarms = new CopyOnWriteArrayList<>();
  private final TestInForce inForce = new TestInForce(catalog(STATES));
  private final List<String> heard = new ArrayList<>();
  private LoadStates states;

  private static PolicyCatalog catalog(String text) {
    return PolicyFile.catalog("test", text, name -> Optional.empty());
  }

  @BeforeEach
  void follow() {
    states = another(inForce);
    states.listen((before, after) -> heard.add(before.name() + " > " + after.name()));
  }

  @AfterEach
  void close() {
    states.close();
    records.close();
  }

  private LoadStates another(InForce where) {
    return new LoadStates(records, where, time, (millis, action) -> alarms.add(action));
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private void advance(Duration by) {
    time.advance(by);
    List<Runnable> due = List.copyOf(alarms);
    alarms.clear();
    due.forEach(Runnable::run);
  }

  private long now() {
    return time.micros() / 1_000;
  }

  @Test
  void set_knownState_isEnteredAndTold() {
    assertThat(states.current().name()).isEqualTo("normal");
    assertThat(states.known()).containsExactly("normal", "degraded", "busy");

    SystemState set = join(states.set("busy", Optional.empty(), "ann", "much to do"));

    assertThat(set)
        .isEqualTo(new SystemState("busy", now(), OptionalLong.empty(), "ann", "much to do"));
    assertThat(states.current()).isEqualTo(set);
    assertThat(inForce.state()).isEqualTo("busy");
    assertThat(heard).containsExactly("normal > busy");
  }

  @Test
  void set_isInTheAuditTrailWithBeforeAndAfter() {
    join(states.set("busy", Optional.empty(), "ann", ""));
    join(states.set("normal", Optional.empty(), "bob", "over"));

    List<AuditRecord> trail = join(records.audit(Long.MAX_VALUE, 10));
    assertThat(trail).hasSize(2);
    assertThat(trail.getFirst().entry().author()).isEqualTo("bob");
    assertThat(trail.getFirst().entry().action()).isEqualTo("state.set");
    assertThat(trail.getFirst().entry().before()).contains("\"busy\"").contains("\"ann\"");
    assertThat(trail.getFirst().entry().after()).contains("\"normal\"").contains("\"over\"");
    assertThat(trail.getLast().entry().before()).isEmpty();
  }

  @Test
  void set_byAnotherInstance_isFollowed() throws InterruptedException {
    TestInForce elsewhere = new TestInForce(catalog(STATES));
    try (LoadStates other = another(elsewhere)) {
      join(states.set("degraded", Optional.empty(), "ann", ""));

      elsewhere.await("degraded");
      assertThat(other.current().author()).isEqualTo("ann");
    }
  }

  @Test
  void ttl_over_isNormalAgainOnEveryInstance() throws InterruptedException {
    TestInForce elsewhere = new TestInForce(catalog(STATES));
    try (LoadStates other = another(elsewhere)) {
      join(states.set("degraded", Optional.of(Duration.ofSeconds(10)), "ann", ""));
      elsewhere.await("degraded");
      assertThat(states.current().untilMillis()).hasValue(now() + 10_000);
      assertThat(states.current().secondsLeft(now())).hasValue(10);

      advance(Duration.ofMillis(9_999));
      assertThat(states.current().name()).isEqualTo("degraded");
      assertThat(states.current().secondsLeft(now())).hasValue(1);
      advance(Duration.ofMillis(1));

      assertThat(states.current().name()).isEqualTo("normal");
      assertThat(states.current().author()).isEqualTo(SystemState.AUTOMATIC);
      assertThat(states.current().reason()).isEqualTo("the time of degraded is over");
      assertThat(other.current().name()).isEqualTo("normal");
      assertThat(inForce.state()).isEqualTo("normal");
      assertThat(elsewhere.state()).isEqualTo("normal");
      assertThat(heard).containsExactly("normal > degraded", "degraded > normal");
    }
  }

  @Test
  void normal_beforeTheTtlIsOver_endsItForGood() {
    join(states.set("degraded", Optional.of(Duration.ofSeconds(10)), "ann", ""));
    join(states.set("normal", Optional.of(Duration.ofSeconds(3)), "ann", ""));
    assertThat(states.current().untilMillis()).isEmpty();
    join(states.set("busy", Optional.empty(), "ann", ""));

    advance(Duration.ofSeconds(11));

    assertThat(states.current().name()).isEqualTo("busy");
  }

  @Test
  void ttl_longer_ofTheSameState_counts() {
    join(states.set("degraded", Optional.of(Duration.ofSeconds(2)), "ann", ""));
    join(states.set("degraded", Optional.of(Duration.ofSeconds(60)), "ann", ""));

    advance(Duration.ofSeconds(3));
    assertThat(states.current().name()).isEqualTo("degraded");
    advance(Duration.ofSeconds(58));
    assertThat(states.current().name()).isEqualTo("normal");
  }

  @Test
  void state_thatIsOverAtTheStart_isNormal() throws InterruptedException {
    join(states.set("degraded", Optional.of(Duration.ofSeconds(2)), "ann", ""));
    time.advance(Duration.ofSeconds(3));

    TestInForce late = new TestInForce(catalog(STATES));
    try (LoadStates started = another(late)) {
      late.await("normal");
      assertThat(started.current().name()).isEqualTo("normal");
    }
  }

  @Test
  void state_unknownHere_isNormalUntilThePoliciesKnowIt() throws InterruptedException {
    TestInForce poor =
        new TestInForce(
            catalog("version: 1\nstates: { busy: }\npolicies: [ { name: p, limits: [ 1/s ] } ]"));
    try (LoadStates other = another(poor)) {
      join(states.set("degraded", Optional.empty(), "ann", ""));
      poor.await("normal");
      assertThat(other.current().name()).isEqualTo("normal");
      assertThat(other.current().reason()).isEqualTo("state degraded is unknown here");

      poor.put(Optional.of(catalog(STATES)));
      other.settle();

      assertThat(other.current().name()).isEqualTo("degraded");
      assertThat(poor.state()).isEqualTo("degraded");
    }
  }

  @Test
  void set_wrong_isRefusedAndChangesNothing() {
    refused("degarded", Optional.empty(), "a", "", "state: \"degarded\" (expected: degraded)");
    refused("busy", Optional.of(Duration.ZERO), "a", "", "ttl: PT0S (expected: 1 s to 365 days)");
    refused(
        "busy",
        Optional.of(Duration.ofDays(366)),
        "a",
        "",
        "ttl: PT8784H (expected: 1 s to 365 days)");
    refused("busy", Optional.empty(), "", "", "author: 0 characters (expected: 1..200)");
    refused(
        "busy",
        Optional.empty(),
        "a",
        "x".repeat(501),
        "reason: 501 characters (expected: up to 500)");
    assertThat(states.current().name()).isEqualTo("normal");
    assertThat(join(records.audit(Long.MAX_VALUE, 10))).isEmpty();
  }

  private void refused(
      String name, Optional<Duration> ttl, String author, String reason, String message) {
    assertThatThrownBy(() -> join(states.set(name, ttl, author, reason)))
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOf(ChangeRefused.class)
        .hasMessage(message);
  }
}
