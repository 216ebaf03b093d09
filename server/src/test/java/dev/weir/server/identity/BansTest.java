// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.MemoryStore;
import dev.weir.core.RateLimiter;
import dev.weir.records.MemoryRecords;
import dev.weir.records.RecordStore;
import dev.weir.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BansTest {

  private final RecordStore records = MemoryRecords.create();
  private final ManualTimeSource time = ManualTimeSource.create();
  private final Bans bans = new Bans(records, time);
  private final RateLimiter limiter =
      RateLimiter.builder()
          .store(MemoryStore.create(time, 1_000))
          .nodes(1)
          .policies(InvalidKeys.policies(InvalidKeys.Settings.DEFAULT))
          .build();
  private final InvalidKeys invalidKeys =
      new InvalidKeys(InvalidKeys.Settings.DEFAULT, limiter, bans);

  @AfterEach
  void close() {
    bans.close();
    records.close();
  }

  private static <T> T done(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }

  private Ban ban(String network, Duration duration) {
    return done(bans.ban(network, Optional.of(duration), "misuse", "tester"));
  }

  @Test
  void eleventhInvalidKey_bansTheAddress() {
    for (int i = 0; i < 10; i++) {
      assertThat(done(invalidKeys.count("203.0.113.7"))).isEmpty();
    }
    assertThat(bans.of("203.0.113.7")).isEmpty();
    assertThat(done(invalidKeys.count("203.0.113.7"))).isPresent();
    assertThat(bans.of("203.0.113.7"))
        .hasValueSatisfying(
            ban -> assertThat(ban.secondsLeft(time.micros() / 1_000)).isEqualTo(900));
    assertThat(bans.of("203.0.113.8")).isEmpty();
    time.advance(Duration.ofMinutes(15));
    assertThat(bans.of("203.0.113.7")).isEmpty();
    assertThat(done(invalidKeys.count("203.0.113.7"))).isEmpty();
  }

  @Test
  void invalidKeys_ofOneIpv6Site_countTogether() {
    for (int i = 0; i < 10; i++) {
      assertThat(done(invalidKeys.count("2001:db8:1:2::" + (i + 1)))).isEmpty();
    }
    assertThat(done(invalidKeys.count("2001:db8:1:2:ffff::1"))).isPresent();
    assertThat(bans.of("2001:db8:1:2::99")).isPresent();
    assertThat(bans.of("2001:db8:1:3::1")).isEmpty();
    assertThat(bans.all()).extracting(Ban::network).containsExactly("2001:db8:1:2::/64");
  }

  @Test
  void network_isBannedAndLifted() {
    ban("10.1.0.0/16", Duration.ofHours(1));
    assertThat(bans.of("10.1.2.3")).map(Ban::reason).contains("misuse");
    assertThat(bans.of("10.2.2.3")).isEmpty();
    done(bans.lift("10.1.0.0/16", "tester"));
    assertThat(bans.of("10.1.2.3")).isEmpty();
    assertThat(done(records.audit(Long.MAX_VALUE, 10)))
        .extracting(entry -> entry.entry().action())
        .containsExactly("ban.lift", "ban.create");
  }

  @Test
  void oneIpv6Address_isBannedAlone() {
    ban("2001:db8::5", Duration.ofHours(1));
    assertThat(bans.of("2001:db8::5")).isPresent();
    assertThat(bans.of("2001:db8::6")).isEmpty();
  }

  @Test
  void whatIsNoNetwork_isRefused() {
    for (String network : new String[] {"everybody", "0.0.0.0/0", "10.0.0.1/8", ""}) {
      assertThatThrownBy(() -> ban(network, Duration.ofHours(1)))
          .hasCauseInstanceOf(ChangeRefused.class)
          .hasMessageContaining("expected:");
    }
  }

  @Test
  void bansThatAreOver_areSwept() {
    ban("192.0.2.1", Duration.ofSeconds(10));
    ban("192.0.2.2", Duration.ofSeconds(100));
    ban("192.0.0.0/16", Duration.ofSeconds(10));
    time.advance(Duration.ofSeconds(10));
    bans.sweep();
    assertThat(bans.count()).isEqualTo(1);
    assertThat(done(records.list("ban")))
        .extracting(stored -> stored.key().id())
        .containsExactly("192.0.2.2");
  }
}
