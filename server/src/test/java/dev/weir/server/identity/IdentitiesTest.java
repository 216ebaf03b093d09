// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.weir.records.MemoryRecords;
import dev.weir.records.RecordStore;
import dev.weir.server.identity.ChangeRefused.Why;
import dev.weir.server.identity.Identities.IssuedKey;
import dev.weir.server.identity.Identities.KeyRequest;
import dev.weir.server.identity.Identities.KeySettings;
import dev.weir.server.identity.Presented.Caller;
import dev.weir.server.identity.Presented.Refused;
import dev.weir.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IdentitiesTest {

  private static final String SECRET = "a secret of the test's own";
  private static final String AUTHOR = "tester";

  private final RecordStore records = MemoryRecords.create();
  private final ManualTimeSource time = ManualTimeSource.create();
  private final Identities identities = open(KeySettings.DEFAULT.secret(SECRET));

  private Identities open(KeySettings settings) {
    Identities opened = Identities.of(records, settings, () -> Set.of("free", "pro"), time);
    done(opened.loaded());
    return opened;
  }

  @AfterEach
  void close() {
    identities.close();
    records.close();
  }

  private static <T> T done(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }

  private static ChangeRefused refused(CompletionStage<?> stage) {
    Throwable error = catchThrowable(() -> done(stage));
    assertThat(error).isInstanceOf(CompletionException.class);
    assertThat(error.getCause()).isInstanceOf(ChangeRefused.class);
    return (ChangeRefused) error.getCause();
  }

  private User user(String id) {
    return done(identities.create(new User(id, "free", Optional.of("acme"), 0, false), AUTHOR));
  }

  @Test
  void keyThatWasMade_isItsUsers() {
    user("alice");
    IssuedKey made = done(identities.issue(KeyRequest.of("alice"), AUTHOR));
    assertThat(made.text()).startsWith("weir_").hasSize(5 + 32 + 6);
    assertThat(identities.present(made.text()))
        .isInstanceOfSatisfying(
            Caller.class,
            caller -> {
              assertThat(caller.user().id()).isEqualTo("alice");
              assertThat(caller.user().tier()).isEqualTo("free");
              assertThat(caller.user().tenant()).contains("acme");
              assertThat(caller.key().start()).isEqualTo(made.text().substring(0, 9));
            });
  }

  @Test
  void keys_areKeptAsHashesOnly() {
    user("alice");
    IssuedKey made = done(identities.issue(KeyRequest.of("alice"), AUTHOR));
    String kept =
        done(records.list("key")).toString()
            + done(records.list("key")).getFirst().value()
            + done(records.audit(Long.MAX_VALUE, 100))
            + made;
    assertThat(kept).doesNotContain(made.text().substring(9));
    assertThat(done(records.audit(Long.MAX_VALUE, 100)).toString())
        .contains("key.create")
        .doesNotContain(made.key().hash().hex());
  }

  @Test
  void presented_thatIsNoKeyInForce_isTold() {
    user("alice");
    String good = done(identities.issue(KeyRequest.of("alice"), AUTHOR)).text();
    assertThat(identities.present(null)).isEqualTo(Refused.MISSING);
    assertThat(identities.present("  ")).isEqualTo(Refused.EMPTY);
    assertThat(identities.present("short")).isEqualTo(Refused.MALFORMED);
    assertThat(identities.present("x".repeat(201))).isEqualTo(Refused.MALFORMED);
    assertThat(identities.present("bad key with spaces")).isEqualTo(Refused.MALFORMED);
    assertThat(identities.present("somebody_elses_key")).isEqualTo(Refused.UNKNOWN);
    char last = good.charAt(good.length() - 1);
    String mistyped = good.substring(0, good.length() - 1) + (last == 'a' ? 'b' : 'a');
    assertThat(identities.present(mistyped)).isEqualTo(Refused.MALFORMED);
  }

  @Test
  void keyThatWasRevoked_isRefusedAtOnce() {
    user("alice");
    IssuedKey made = done(identities.issue(KeyRequest.of("alice"), AUTHOR));
    done(identities.revoke(made.key().id(), AUTHOR));
    assertThat(identities.present(made.text())).isEqualTo(Refused.ENDED);
    assertThat(refused(identities.revoke(made.key().id(), AUTHOR)).why()).isEqualTo(Why.CONFLICT);
  }

  @Test
  void keyThatExpires_isGoodUntilThen() {
    user("alice");
    long end = time.micros() / 1_000 + 5_000;
    IssuedKey made =
        done(
            identities.issue(
                new KeyRequest(
                    "alice", Optional.empty(), "ci", Set.of("read"), OptionalLong.of(end)),
                AUTHOR));
    time.advance(Duration.ofMillis(4_999));
    assertThat(identities.present(made.text())).isInstanceOf(Caller.class);
    time.advance(Duration.ofMillis(1));
    assertThat(identities.present(made.text())).isEqualTo(Refused.ENDED);
  }

  @Test
  void keyThatWasRotated_goesOnForTheOverlap() {
    user("alice");
    IssuedKey old =
        done(
            identities.issue(
                new KeyRequest(
                    "alice", Optional.empty(), "ci", Set.of("read"), OptionalLong.empty()),
                AUTHOR));
    IssuedKey next = done(identities.rotate(old.key().id(), Duration.ofHours(1), AUTHOR));
    assertThat(next.key().scopes()).containsExactly("read");
    assertThat(next.key().name()).isEqualTo("ci");
    assertThat(identities.present(old.text())).isInstanceOf(Caller.class);
    assertThat(identities.present(next.text())).isInstanceOf(Caller.class);
    time.advance(Duration.ofHours(1));
    assertThat(identities.present(old.text())).isEqualTo(Refused.ENDED);
    assertThat(identities.present(next.text())).isInstanceOf(Caller.class);
  }

  @Test
  void keyThatWasMadeElsewhere_isTakenOnce() {
    user("alice");
    KeyRequest request =
        new KeyRequest("alice", Optional.of("their_own_key_1"), "", Set.of(), OptionalLong.empty());
    IssuedKey taken = done(identities.issue(request, AUTHOR));
    assertThat(identities.present("their_own_key_1")).isInstanceOf(Caller.class);
    assertThat(taken.key().start()).isEmpty();
    assertThat(refused(identities.issue(request, AUTHOR)).why()).isEqualTo(Why.CONFLICT);
  }

  @Test
  void userThatIsMoved_keepsItsKeys() {
    user("alice");
    String key = done(identities.issue(KeyRequest.of("alice"), AUTHOR)).text();
    done(identities.update("alice", Optional.of("pro"), Optional.empty(), AUTHOR));
    assertThat(((Caller) identities.present(key)).user().tier()).isEqualTo("pro");
    assertThat(((Caller) identities.present(key)).user().tenant()).contains("acme");
  }

  @Test
  void userThatIsDeleted_takesItsKeysAlong() {
    user("alice");
    String key = done(identities.issue(KeyRequest.of("alice"), AUTHOR)).text();
    done(identities.delete("alice", AUTHOR));
    assertThat(identities.present(key)).isEqualTo(Refused.UNKNOWN);
    assertThat(identities.user("alice")).isEmpty();
    assertThat(done(records.list("key"))).isEmpty();
  }

  @Test
  void changes_thatCannotBe_areRefused() {
    user("alice");
    User again = new User("alice", "free", Optional.empty(), 0, false);
    assertThat(refused(identities.create(again, AUTHOR)).why()).isEqualTo(Why.CONFLICT);
    User gold = new User("bob", "gold", Optional.empty(), 0, false);
    assertThat(refused(identities.create(gold, AUTHOR)))
        .hasMessageContaining("tier: \"gold\" (expected: one of")
        .satisfies(error -> assertThat(error.why()).isEqualTo(Why.INVALID));
    assertThat(refused(identities.issue(KeyRequest.of("nobody"), AUTHOR)).why())
        .isEqualTo(Why.NOT_FOUND);
    assertThat(refused(identities.revoke("0123456789abcdef", AUTHOR)).why())
        .isEqualTo(Why.NOT_FOUND);
    assertThat(refused(identities.rotate("nonsense", Duration.ZERO, AUTHOR)).why())
        .isEqualTo(Why.NOT_FOUND);
    KeyRequest past = new KeyRequest("alice", Optional.empty(), "", Set.of(), OptionalLong.of(1));
    assertThat(refused(identities.issue(past, AUTHOR)).why()).isEqualTo(Why.INVALID);
    KeyRequest badScope =
        new KeyRequest("alice", Optional.empty(), "", Set.of("a b"), OptionalLong.empty());
    assertThat(refused(identities.issue(badScope, AUTHOR)).why()).isEqualTo(Why.INVALID);
  }

  @Test
  void users_haveABoundOnKeys() {
    user("alice");
    for (int i = 0; i < Identities.MAX_KEYS; i++) {
      done(identities.issue(KeyRequest.of("alice"), AUTHOR));
    }
    assertThat(refused(identities.issue(KeyRequest.of("alice"), AUTHOR)))
        .hasMessageContaining("that is the most");
    assertThat(done(identities.delete("alice", AUTHOR)).id()).isEqualTo("alice");
  }

  @Test
  void withoutASecret_noKeyIsMadeButConfiguredOnesWork() {
    try (Identities without = open(KeySettings.DEFAULT)) {
      without.configure(new Configured(Map.of("demo", "pro"), Map.of("demo_pro_key_789", "demo")));
      assertThat(without.present("demo_pro_key_789"))
          .isInstanceOfSatisfying(
              Caller.class, caller -> assertThat(caller.user().tier()).isEqualTo("pro"));
      assertThat(refused(without.issue(KeyRequest.of("demo"), AUTHOR)))
          .hasMessageContaining("WEIR_KEY_SECRET");
      assertThat(refused(without.delete("demo", AUTHOR)))
          .hasMessageContaining("named by a configuration file");
    }
  }

  @Test
  void recordsOfAnotherInstance_areFollowed() {
    try (Identities other = open(KeySettings.DEFAULT.secret(SECRET))) {
      user("alice");
      IssuedKey made = done(identities.issue(KeyRequest.of("alice"), AUTHOR));
      org.awaitility.Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> other.present(made.text()) instanceof Caller);
      done(other.revoke(made.key().id(), AUTHOR));
      org.awaitility.Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> identities.present(made.text()) == Refused.ENDED);
    }
  }
}
