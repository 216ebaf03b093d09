// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.policy.InvalidFileException;
import dev.weir.policy.PolicyCatalog;
import dev.weir.policy.PolicyFile;
import dev.weir.records.AuditRecord;
import dev.weir.records.MemoryRecords;
import dev.weir.records.RecordStore;
import dev.weir.server.identity.ChangeRefused;
import dev.weir.server.identity.ChangeRefused.Why;
import dev.weir.testkit.ManualTimeSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PolicyVersionsTest {

  private final RecordStore records = MemoryRecords.create();
  private final ManualTimeSource time = ManualTimeSource.create();
  private final AtomicInteger changes = new AtomicInteger();
  private final TestInForce inForce = new TestInForce(catalog(policies(1)));
  private final PolicyVersions versions = another(inForce);

  private PolicyVersions another(InForce where) {
    return new PolicyVersions(records, where, time, changes::incrementAndGet);
  }

  private static PolicyCatalog catalog(String text) {
    return PolicyFile.catalog("test", text, name -> Optional.empty());
  }

  /** A file of so many policies. */
  private static String policies(int count) {
    StringBuilder text = new StringBuilder("version: 1\npolicies:\n");
    for (int i = 0; i < count; i++) {
      text.append("  - { name: p").append(i).append(", limits: [ 1/s ] } # ✓\n");
    }
    return text.toString();
  }

  @AfterEach
  void close() {
    versions.close();
    records.close();
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private int inForce() {
    return inForce.catalog().in("normal").policies().size();
  }

  @Test
  void put_firstText_isInForceBeforeTheFiles() {
    assertThat(versions.current()).isZero();

    PolicyVersion put = join(versions.put(policies(2), 0, "ann", "more"));

    assertThat(put).isEqualTo(new PolicyVersion(1, "ann", time.micros() / 1_000, "more"));
    assertThat(versions.current()).isEqualTo(1);
    assertThat(versions.applied()).isEqualTo(1);
    assertThat(versions.history()).containsExactly(put);
    assertThat(inForce()).isEqualTo(2);
    assertThat(join(versions.text(1))).contains(policies(2));
    assertThat(catalog(join(versions.text(0)).orElseThrow())).isEqualTo(inForce.files());
    assertThat(catalog(versions.inForce())).isEqualTo(inForce.catalog());
    assertThat(join(versions.text(7))).isEmpty();
    assertThat(changes).hasValue(1);
  }

  @Test
  void put_anotherVersionThanExpected_isAConflict() {
    join(versions.put(policies(2), 0, "ann", ""));

    assertThatThrownBy(() -> join(versions.put(policies(3), 0, "bob", "")))
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ChangeRefused.class, refused -> assertThat(refused.why()).isEqualTo(Why.CONFLICT))
        .hasMessage("version: 0 expected, but the version in force is 1");
    assertThat(inForce()).isEqualTo(2);
    assertThat(join(versions.put(policies(3), 1, "bob", "")).version()).isEqualTo(2);
  }

  @Test
  void put_byTwoAtOnce_isOneOfThem() {
    try (PolicyVersions other = another(new TestInForce(catalog(policies(1))))) {
      CompletionStage<String> one =
          versions.put(policies(2), 0, "ann", "").handle(PolicyVersionsTest::outcome);
      CompletionStage<String> two =
          other.put(policies(3), 0, "bob", "").handle(PolicyVersionsTest::outcome);

      assertThat(List.of(join(one), join(two))).containsExactlyInAnyOrder("put", "conflict");
    }
  }

  private static String outcome(PolicyVersion put, Throwable error) {
    if (error == null) {
      return "put";
    }
    Throwable cause = error instanceof CompletionException ? error.getCause() : error;
    return cause instanceof ChangeRefused refused && refused.why() == Why.CONFLICT
        ? "conflict"
        : String.valueOf(cause);
  }

  @Test
  void rollback_olderVersion_isANewVersionOfItsText() {
    join(versions.put(policies(2), 0, "ann", ""));
    join(versions.put(policies(3), 1, "ann", ""));

    PolicyVersion back = join(versions.rollback(1, 2, "bob", "too many"));

    assertThat(back.version()).isEqualTo(3);
    assertThat(inForce()).isEqualTo(2);
    assertThat(join(versions.text(3))).contains(policies(2));
    assertThat(versions.history()).extracting(PolicyVersion::version).containsExactly(3L, 2L, 1L);
  }

  @Test
  void rollback_toZero_returnsToTheFilesAndNumbersGoOn() {
    join(versions.put(policies(2), 0, "ann", ""));

    assertThat(join(versions.rollback(0, 1, "bob", "")).version()).isZero();
    assertThat(versions.current()).isZero();
    assertThat(inForce()).isEqualTo(1);
    assertThat(join(versions.put(policies(4), 0, "bob", "")).version()).isEqualTo(2);
    assertThat(inForce()).isEqualTo(4);
  }

  @Test
  void rollback_unknownVersion_isNotFound() {
    assertThatThrownBy(() -> join(versions.rollback(9, 0, "bob", "")))
        .cause()
        .isInstanceOfSatisfying(
            ChangeRefused.class, refused -> assertThat(refused.why()).isEqualTo(Why.NOT_FOUND));
  }

  @Test
  void put_isFollowedByOtherInstancesAndLaterOnes() throws InterruptedException {
    TestInForce elsewhere = new TestInForce(catalog(policies(1)));
    try (PolicyVersions other = another(elsewhere)) {
      join(versions.put(policies(2), 0, "ann", ""));
      elsewhere.await(2);
      join(versions.rollback(0, 1, "ann", ""));
      elsewhere.await(1);
      join(versions.put(policies(5), 0, "ann", ""));
      elsewhere.await(5);
      assertThat(other.history()).extracting(PolicyVersion::version).containsExactly(2L, 1L);
    }
    TestInForce late = new TestInForce(catalog(policies(1)));
    try (PolicyVersions started = another(late)) {
      late.await(5);
      assertThat(started.current()).isEqualTo(2);
    }
  }

  @Test
  @Timeout(180)
  void text_thatAnInstanceCannotUse_leavesItsPoliciesInForce() throws InterruptedException {
    TestInForce elsewhere = new TestInForce(catalog(policies(1)));
    try (PolicyVersions other = another(elsewhere)) {
      join(versions.put(policies(2), 0, "ann", ""));
      elsewhere.await(2);
      elsewhere.refuse("no share can be counted");
      join(versions.put(policies(3), 1, "ann", ""));
      while (other.current() != 2) {
        Thread.onSpinWait();
      }
      assertThat(other.applied()).isEqualTo(1);
      assertThat(elsewhere.catalog().in("normal").policies()).hasSize(2);
      elsewhere.refuse("");
      join(versions.put(policies(4), 2, "ann", ""));
      elsewhere.await(4);
      elsewhere.refuse("no share can be counted");

      assertThat(other.validate(policies(3)))
          .singleElement()
          .hasToString("policies:1:1: no share can be counted");
      assertThatThrownBy(() -> join(other.put(policies(3), 3, "ann", "")))
          .hasCauseInstanceOf(InvalidFileException.class);
      assertThat(other.applied()).isEqualTo(3);
    }
  }

  @Test
  void put_wrongText_tellsEveryProblemAndChangesNothing() {
    String wrong = "version: 1\npolicies: [ { name: p, limits: [ lots ], lmits: 1 } ]";

    assertThat(versions.validate(policies(1))).isEmpty();
    assertThat(versions.validate(wrong)).hasSize(2);
    assertThatThrownBy(() -> join(versions.put(wrong, 0, "ann", "")))
        .cause()
        .isInstanceOfSatisfying(
            InvalidFileException.class,
            refused -> assertThat(refused.problems()).isEqualTo(versions.validate(wrong)));
    assertThat(versions.current()).isZero();
    assertThat(join(records.audit(Long.MAX_VALUE, 10))).isEmpty();
  }

  @Test
  void variables_ofAPutText_areNotThoseOfTheProcess() {
    String curious = "version: 1\npolicies: [ { name: \"${PATH}\", limits: [ 1/s ] } ]";

    assertThat(versions.validate(curious).toString())
        .contains("PATH")
        .doesNotContain(System.getenv("PATH"));
  }

  @Test
  void put_tooLong_isRefused() {
    assertThat(versions.validate("#".repeat(PolicyVersions.MAX_BYTES + 1)).toString())
        .contains("524289 bytes (expected: at most 524288)");
  }

  @Test
  void history_isBounded() {
    for (int i = 0; i < PolicyVersions.MAX_VERSIONS + 5; i++) {
      join(versions.put(policies(1 + i % 3), i, "ann", ""));
    }

    assertThat(versions.history()).hasSize(PolicyVersions.MAX_VERSIONS);
    assertThat(versions.history().getLast().version()).isEqualTo(6);
    // The pointer and as many texts.
    assertThat(join(records.list("policies"))).hasSize(PolicyVersions.MAX_VERSIONS + 1);
    assertThat(join(versions.text(5))).isEmpty();
  }

  @Test
  void changes_areInTheAuditTrail() {
    join(versions.put(policies(2), 0, "ann", "more"));
    join(versions.rollback(0, 1, "bob", "less"));

    List<AuditRecord> trail = join(records.audit(Long.MAX_VALUE, 10));
    assertThat(trail)
        .extracting(record -> record.entry().action())
        .containsExactly("policies.rollback", "policies.put");
    assertThat(trail.getLast().entry().before()).isEqualTo("version 0");
    assertThat(trail.getLast().entry().after()).isEqualTo("more\n" + policies(2));
    assertThat(trail.getFirst().entry().author()).isEqualTo("bob");
    assertThat(trail.getFirst().entry().after()).isEqualTo("less\nthe files");
  }
}
