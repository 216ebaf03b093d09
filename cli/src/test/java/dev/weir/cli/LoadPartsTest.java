// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a load is made of: targets, requests, keys, schedule and report. */
final class LoadPartsTest {

  private static final Target TARGET = Target.of("http://localhost:8080/u/{key}?a=b");

  @Test
  void target_parts_areFound() {
    assertThat(TARGET).isEqualTo(new Target("localhost", 8080, "/u/{key}?a=b"));
    assertThat(Target.of("http://[::1]:81?x").toString()).isEqualTo("http://[::1]:81/?x");
    assertThat(Target.of("http://weir.example").authority()).isEqualTo("weir.example");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost", "https://localhost", "http://a b", "http://a:99999", "http://a/ b"})
  void target_other_isRefused(String url) {
    assertThatThrownBy(() -> Target.of(url))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("url");
  }

  @Test
  void request_withKey_isRendered() {
    RequestTemplate template =
        RequestTemplate.of(
            "POST",
            TARGET,
            List.of("X-User: {key}"),
            Optional.of(new RequestTemplate.Body("[", "{key}", "]", 3)));

    assertThat(new String(template.render(new AtomicLong(9)::getAndIncrement), UTF_8))
        .isEqualTo(
            "POST /u/9?a=b HTTP/1.1\r\nHost: localhost:8080\r\nX-User: 9\r\n"
                + "Content-Length: 9\r\n\r\n[9,10,11]");
  }

  @Test
  void request_withoutBody_hasNoLength() {
    RequestTemplate template =
        RequestTemplate.of("GET", TARGET.withPath("/"), List.of(), Optional.empty());

    assertThat(template.constant()).isTrue();
    assertThat(new String(template.render(new AtomicLong(9)::getAndIncrement), UTF_8))
        .isEqualTo("GET / HTTP/1.1\r\nHost: localhost:8080\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.99, 1.0, 1.5})
  void zipf_frequencies_followTheDistribution(double exponent) {
    int keys = 100;
    int draws = 200_000;
    KeyPicker picker = KeyPicker.of(keys, OptionalDouble.of(exponent), 42);
    int[] counts = new int[keys];
    for (int i = 0; i < draws; i++) {
      counts[(int) picker.next()]++;
    }
    double sum = 0;
    for (int k = 1; k <= keys; k++) {
      sum += Math.pow(k, -exponent);
    }
    for (int k : new int[] {1, 2, 3, 10, 50, 100}) {
      double expected = draws * Math.pow(k, -exponent) / sum;
      assertThat((double) counts[k - 1])
          .as("seed 42, exponent %s, key %s", exponent, k)
          .isCloseTo(expected, within(5 * Math.sqrt(expected)));
    }
  }

  @Test
  void uniform_keys_areAllDrawn() {
    KeyPicker picker = KeyPicker.of(10, OptionalDouble.empty(), 42);
    int[] counts = new int[10];
    for (int i = 0; i < 10_000; i++) {
      counts[(int) picker.next()]++;
    }
    for (int count : counts) {
      assertThat(count).as("seed 42").isBetween(850, 1_150);
    }
  }

  @Test
  void schedule_openLoop_isOfTheRate() {
    LoadPlan plan = plan(OptionalDouble.of(250), Duration.ofSeconds(2), Long.MAX_VALUE);

    assertThat(plan.total()).isEqualTo(500);
    assertThat(plan.dueMicros(0)).isZero();
    assertThat(plan.dueMicros(499)).isEqualTo(1_996_000);
    assertThat(plan.dueBy(0)).isEqualTo(1);
    assertThat(plan.dueBy(3_999)).isEqualTo(1);
    assertThat(plan.dueBy(4_000)).isEqualTo(2);
    assertThat(plan.dueBy(9_000_000)).isEqualTo(500);
  }

  @Test
  void schedule_closedLoop_endsWithTheRequests() {
    LoadPlan plan = plan(OptionalDouble.empty(), Duration.ofSeconds(2), 7);
    assertThat(plan.dueBy(0)).isEqualTo(7);
    assertThat(plan.dueMicros(6)).isZero();
  }

  @Test
  void report_text_saysEverything() {
    assertThat(report().text())
        .isEqualTo(
            """
            http://localhost:8080/u/{key}?a=b: 2.0 s, open loop of 250/s on at most 8 connections, \
            interrupted
              sent                 4   2/s
              unsent             496   fell due while every connection was busy
              allowed              2   66.7 %
              denied               1   33.3 %
              errors               3   1 reset, 1 status 500, 1 timeout
              latency   p50 4.00   p90 2001   p95 2001   p99 2001   p99.9 2001   max 2001 ms""");
  }

  @Test
  void report_json_saysEverything() {
    assertThat(report().json())
        .isEqualTo(
            "{\"url\":\"http://localhost:8080/u/{key}?a=b\",\"loop\":\"open\",\"rate\":250,"
                + "\"connections\":8,\"seconds\":2.000,\"interrupted\":true,\"sent\":4,"
                + "\"unsent\":496,\"answered\":4,\"answeredPerSecond\":2,\"allowed\":2,"
                + "\"denied\":1,\"errors\":{\"reset\":1,\"status 500\":1,\"timeout\":1},"
                + "\"latencyMicros\":{\"p50\":4001,\"p90\":2000895,\"p95\":2000895,"
                + "\"p99\":2000895,\"p99.9\":2000895,\"max\":2000895}}");
  }

  private static LoadReport report() {
    Tally tally = new Tally();
    for (int i = 0; i < 4; i++) {
      tally.sent();
    }
    tally.answer(1_000, 1, 0);
    tally.answer(2_000, 1, 0);
    tally.answer(4_000, 0, 1);
    tally.refused(8_000, 500);
    tally.error("reset");
    tally.timeout(2_000_000);
    return new LoadReport(
        plan(OptionalDouble.of(250), Duration.ofSeconds(2), Long.MAX_VALUE), 2, tally, 496, true);
  }

  private static LoadPlan plan(OptionalDouble rate, Duration duration, long requests) {
    return new LoadPlan(
        TARGET,
        RequestTemplate.of("GET", TARGET, List.of(), Optional.empty()),
        KeyPicker.of(1, OptionalDouble.empty(), 1),
        8,
        rate,
        duration,
        requests,
        Duration.ofSeconds(1));
  }
}
