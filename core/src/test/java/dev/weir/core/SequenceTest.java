// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Policies that name the entries of a descriptor by position. */
class SequenceTest {

  private static final Limit LIMIT = Limit.of("l", new FixedWindow(1, Duration.ofHours(1)));

  private static EntryPattern any(String key) {
    return EntryPattern.of(key, ValuePattern.any());
  }

  private static EntryPattern exact(String key, String value) {
    return EntryPattern.of(key, ValuePattern.exact(value));
  }

  private static Policy policy(String name, EntryPattern... entries) {
    return Policy.named(name).entries(List.of(entries)).limit(LIMIT).build();
  }

  private static Descriptor descriptor(String... keysAndValues) {
    List<Descriptor.Entry> entries = new ArrayList<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      entries.add(new Descriptor.Entry(keysAndValues[i], keysAndValues[i + 1]));
    }
    return Descriptor.of("default", entries);
  }

  private static List<String> matches(PolicySet set, Descriptor descriptor) {
    return set.match(descriptor).stream().map(PolicyMatch::policy).toList();
  }

  @Test
  void entries_exactlyTheseInThisOrder_match() {
    PolicySet set = PolicySet.of(List.of(policy("p", any("a"), exact("b", "1"))));

    assertThat(matches(set, descriptor("a", "x", "b", "1"))).containsExactly("p");
    assertThat(matches(set, descriptor("a", "x", "b", "2"))).isEmpty();
    assertThat(matches(set, descriptor("b", "1", "a", "x"))).isEmpty();
    assertThat(matches(set, descriptor("a", "x"))).isEmpty();
    assertThat(matches(set, descriptor("a", "x", "b", "1", "c", "2"))).isEmpty();
    assertThat(matches(set, descriptor())).isEmpty();
  }

  @Test
  void repeatedKeys_areToldApartByPosition() {
    PolicySet set =
        PolicySet.of(
            List.of(
                policy("p", exact("a", "1"), exact("a", "2")), policy("q", any("a"), any("a"))));

    assertThat(matches(set, descriptor("a", "1", "a", "2"))).containsExactly("p", "q");
    assertThat(matches(set, descriptor("a", "2", "a", "1"))).containsExactly("q");
  }

  @Test
  void counter_isOfEveryCountedPosition() {
    RateLimiter limiter =
        RateLimiter.create(
            MemoryStore.create(),
            PolicySet.of(List.of(policy("p", any("a"), any("a").shared(), any("a")))));

    assertThat(limiter.check(descriptor("a", "1", "a", "2", "a", "3")).allowed()).isTrue();
    assertThat(limiter.check(descriptor("a", "1", "a", "x", "a", "3")).allowed()).isFalse();
    assertThat(limiter.check(descriptor("a", "3", "a", "2", "a", "1")).allowed()).isTrue();
    assertThat(limiter.check(descriptor("a", "1", "a", "2", "a", "4")).allowed()).isTrue();
  }

  @Test
  void exceptions_leaveNarrowerPoliciesAlone() {
    PolicySet set =
        PolicySet.of(
            List.of(
                policy("exact", exact("a", "abc")),
                policy(
                    "prefix",
                    EntryPattern.of(
                        "a",
                        new ValuePattern.Except(
                            ValuePattern.prefix("ab"), List.of("abc"), List.of()))),
                policy(
                    "other",
                    EntryPattern.of(
                        "a",
                        new ValuePattern.Except(
                            ValuePattern.any(), List.of("abc"), List.of("ab", "abz", "q"))))));

    assertThat(matches(set, descriptor("a", "abc"))).containsExactly("exact");
    assertThat(matches(set, descriptor("a", "abcd"))).containsExactly("prefix");
    assertThat(matches(set, descriptor("a", "abzz"))).containsExactly("prefix");
    assertThat(matches(set, descriptor("a", "qq"))).isEmpty();
    assertThat(matches(set, descriptor("a", ""))).containsExactly("other");
  }

  @Test
  void tenThousandSiblings_eachIsFound() {
    List<Policy> policies = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      policies.add(policy("p" + i, any("a"), exact("b", "v" + i)));
      texts.add("v" + i);
    }
    ValuePattern others = ValuePattern.not(texts.toArray(String[]::new));
    for (int i = 0; i < 100; i++) {
      policies.add(policy("o" + i, any("a"), EntryPattern.of("b", others), exact("c", "" + i)));
    }
    PolicySet set = PolicySet.of(policies);

    for (int i = 0; i < 10_000; i++) {
      assertThat(matches(set, descriptor("a", "x", "b", "v" + i))).containsExactly("p" + i);
    }
    assertThat(matches(set, descriptor("a", "x", "b", "other", "c", "7"))).containsExactly("o7");
    assertThat(matches(set, descriptor("a", "x", "b", "v1", "c", "7"))).isEmpty();
  }

  @Test
  void explain_saysWhichEntryIsAnother() {
    PolicySet set = PolicySet.of(List.of(policy("p", any("a"), exact("b", "1"))));

    assertThat(set.explain(descriptor("a", "x", "b", "2")).toString())
        .contains("entry 2: b \"2\" (expected: b, and it is \"1\")");
    assertThat(set.explain(descriptor("a", "x")).toString()).contains("entries: 1 (expected: 2)");
    assertThat(set.explain(descriptor("a", "x", "b", "1")).getFirst())
        .isInstanceOfSatisfying(
            PolicyExplanation.Matched.class,
            matched -> assertThat(matched.keys()).containsExactly("x", "1"));
  }

  @Test
  void policy_thatSaysTwoThingsAtOnce_isRefused() {
    assertThatThrownBy(
            () -> Policy.named("p").entries(List.of(any("a"))).key("a").limit(LIMIT).build())
        .hasMessageContaining("no key and no partition beside them");
    assertThatThrownBy(() -> Policy.named("p").limit(LIMIT).replaces(List.of("l")).build())
        .hasMessage("replaces: \"l\" (expected: limits of other policies)");
    assertThatThrownBy(
            () -> new ValuePattern.Except(ValuePattern.not("a"), List.of("b"), List.of()))
        .hasMessageContaining("(expected: no exceptions)");
    assertThatThrownBy(() -> new ValuePattern.Except(ValuePattern.any(), List.of(), List.of()))
        .hasMessage("exceptions: 0 (expected: 1..1000000)");
  }
}
