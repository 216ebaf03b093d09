// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.FailurePolicy;
import dev.weir.core.Limit;
import dev.weir.core.MemoryStore;
import dev.weir.core.PolicyExplanation;
import dev.weir.core.PolicySet;
import dev.weir.core.Priority;
import dev.weir.core.RateLimiter;
import dev.weir.core.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PolicyCatalogTest {

  private static PolicyCatalog sample() throws IOException {
    return catalog(Files.readString(Path.of("src/test/resources/dev/weir/policy/good/tiers.yaml")));
  }

  private static PolicyCatalog catalog(String text) {
    return PolicyFile.catalog("p.yaml", text, PolicyFileTest.NO_ENVIRONMENT);
  }

  private static Descriptor descriptor(String... entries) {
    List<Descriptor.Entry> pairs = new ArrayList<>();
    for (int i = 0; i < entries.length; i += 2) {
      pairs.add(new Descriptor.Entry(entries[i], entries[i + 1]));
    }
    return Descriptor.of("gateway", pairs);
  }

  /** The amounts of the limits of the first policy, in order. */
  private static List<Long> limits(PolicySet set, String... entries) {
    PolicyExplanation first = set.explain(descriptor(entries)).getFirst();
    assertThat(first).isInstanceOf(PolicyExplanation.Matched.class);
    return ((PolicyExplanation.Matched) first)
        .limits().stream().map(limit -> limit.algorithm().limit()).toList();
  }

  @Test
  void tier_namedByItsEntry_replacesLimitsByName() throws IOException {
    PolicySet normal = sample().in("normal");

    assertThat(limits(normal, "user", "u", "tier", "free")).containsExactly(20L, 1_000L);
    assertThat(limits(normal, "user", "u", "tier", "pro")).containsExactly(150L, 5_000L);
    assertThat(limits(normal, "user", "u", "tier", "enterprise")).containsExactly(1_000L, 1_000L);
    assertThat(limits(normal, "user", "u", "tier", "unheard-of")).containsExactly(10L, 1_000L);
    assertThat(limits(normal, "user", "u")).containsExactly(10L, 1_000L);
  }

  @Test
  void tier_takesTheRestFromThePolicysLimit() throws IOException {
    var matched =
        (PolicyExplanation.Matched)
            sample().in("normal").explain(descriptor("user", "u", "tier", "free")).getFirst();

    assertThat(matched.limits().getFirst().onFailure()).isEqualTo(FailurePolicy.CLOSED);
    assertThat(matched.limits()).extracting(Limit::name).containsExactly("minute", "daily");
  }

  @Test
  void override_ofAMemberOfATier_changesTheTiersLimits() throws IOException {
    PolicySet normal = sample().in("normal");

    assertThat(limits(normal, "user", "alice", "tier", "free")).containsExactly(40L, 2_000L);
    assertThat(limits(normal, "user", "alice")).containsExactly(20L, 2_000L);
    assertThat(limits(normal, "user", "bob", "tier", "pro")).containsExactly(7L, 5_000L);
  }

  @Test
  void state_valuesOfTiersAndOverrides_apply() throws IOException {
    PolicyCatalog catalog = sample();

    assertThat(catalog.states()).containsExactly("normal", "degraded", "busy", "emergency");
    assertThat(limits(catalog.in("degraded"), "user", "u", "tier", "free"))
        .containsExactly(2L, 1_000L);
    assertThat(limits(catalog.in("degraded"), "user", "u", "tier", "pro"))
        .containsExactly(100L, 5_000L);
    assertThat(limits(catalog.in("degraded"), "user", "alice", "tier", "free"))
        .containsExactly(4L, 2_000L);
    assertThat(limits(catalog.in("busy"), "user", "u", "tier", "free")).containsExactly(10L, 500L);
    assertThat(limits(catalog.in("busy"), "user", "alice", "tier", "free"))
        .containsExactly(20L, 1_000L);
    assertThat(limits(catalog.in("busy"), "user", "u", "tier", "pro", "path", "/export/x"))
        .containsExactly(1L, 5_000L);
    assertThat(limits(catalog.in("busy"), "user", "u", "tier", "pro"))
        .containsExactly(150L, 5_000L);
    assertThat(limits(catalog.in("emergency"), "user", "u", "priority", "high"))
        .containsExactly(2L, 250L);
    assertThat(limits(catalog.in("emergency"), "user", "bob", "priority", "high"))
        .containsExactly(1L, 250L);
  }

  @Test
  void state_sheds_byPriorityAndNeverTheCritical() throws IOException {
    RateLimiter limiter = RateLimiter.create(MemoryStore.create(), sample().in("emergency"));

    assertThat(limiter.check(descriptor("user", "u")).reason()).isEqualTo(Reason.SHED);
    assertThat(limiter.check(descriptor("user", "u", "priority", "high")).allowed()).isTrue();
    assertThat(limiter.check(descriptor("user", "u", "path", "/pay/1")).allowed()).isTrue();
    assertThat(limiter.check(descriptor("path", "/pay/1")).allowed()).isTrue();
  }

  @Test
  void rule21_switchOfStates_keepsWhatIsSpent() throws IOException {
    PolicyCatalog catalog = sample();
    Descriptor free = descriptor("user", "u", "tier", "free");
    RateLimiter normal = RateLimiter.create(MemoryStore.create(), catalog.in("normal"));
    for (int i = 0; i < 15; i++) {
      assertThat(normal.check(free).allowed()).isTrue();
    }

    RateLimiter degraded = normal.withPolicies(catalog.in("degraded"));
    Decision denied = degraded.check(free);
    assertThat(denied.reason()).isEqualTo(Reason.OVER_LIMIT);
    assertThat(denied.remaining()).isZero();
    RateLimiter again = degraded.withPolicies(catalog.in("normal"));
    assertThat(again.check(free).remaining()).isEqualTo(4);
  }

  @Test
  void manyTiers_andAStateForEach_areAsManyChoices() {
    StringBuilder text = new StringBuilder("version: 1\ntiers:\n");
    for (int i = 0; i < 10_000; i++) {
      text.append("  t").append(i).append(": { l: { normal: ").append(i + 2);
      text.append(" per minute fixed, degraded: 1 per minute fixed } }\n");
    }
    text.append("states:\n  degraded: { overrides: [ { tier: t5, multiply: 3 } ] }\n");
    text.append("policies: [ { name: p, domain: gateway, key: [user], tier: tier,");
    text.append(" limits: [ { name: l, rate: 1 per minute fixed } ] } ]\n");
    PolicyCatalog catalog = catalog(text.toString());

    assertThat(limits(catalog.in("normal"), "user", "u", "tier", "t9999")).containsExactly(10_001L);
    assertThat(limits(catalog.in("degraded"), "user", "u", "tier", "t9999")).containsExactly(1L);
    assertThat(limits(catalog.in("degraded"), "user", "u", "tier", "t5")).containsExactly(3L);
    assertThat(catalog.in("degraded").policies().getFirst().overrides().size()).isEqualTo(10_001);
  }

  @Test
  void tooMuchTogether_isRefused() {
    StringBuilder text = new StringBuilder("version: 1\ntiers:\n");
    for (int i = 0; i < 2_000; i++) {
      text.append("  t").append(i).append(": { l: 2 per minute fixed }\n");
    }
    text.append("policies:\n- name: p\n  tier: tier\n  limits: [ { name: l, rate: 1/s fixed } ]\n");
    text.append("  overrides:\n");
    for (int i = 0; i < 2_000; i++) {
      text.append("  - { match: { user: u").append(i).append(" }, multiply: 2 }\n");
    }

    assertThatThrownBy(() -> catalog(text.toString()))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("more than 2000000 sets of limits");
  }

  @Test
  void in_unknownState_namesTheNearest() throws IOException {
    PolicyCatalog catalog = sample();

    assertThatThrownBy(() -> catalog.in("degarded"))
        .hasMessage("state: \"degarded\" (expected: degraded)");
    assertThatThrownBy(() -> catalog.in("x"))
        .hasMessage("state: \"x\" (expected: one of normal, degraded, busy, emergency)");
  }

  @Test
  void catalog_tellsTiersEntriesAndVersion() throws IOException {
    PolicyCatalog catalog = sample();

    assertThat(catalog.tiers().keySet()).containsExactly("free", "pro", "enterprise");
    assertThat(catalog.tiers().get("free").limits().getFirst().rates().keySet())
        .containsExactly("normal", "degraded");
    assertThat(catalog.tierEntry(catalog.in("busy").policies().getFirst())).contains("tier");
    assertThat(catalog.tierEntry(catalog.in("busy").policies().getLast())).isEmpty();
    assertThat(catalog.loadStates().get(1).shed()).contains(Priority.LOW);
    assertThat(catalog.withVersion(7).in("busy").version()).isEqualTo(7);
    assertThat(catalog.withVersion(7).version()).isEqualTo(7);
    assertThat(PolicyCatalog.of(catalog.in("busy")).states()).containsExactly("normal");
  }

  @Test
  void writer_sample_readsBackTheSame() throws IOException {
    PolicyCatalog catalog = sample();

    assertThat(catalog(PolicyWriter.yaml(catalog))).isEqualTo(catalog);
    assertThat(catalog(PolicyWriter.json(catalog))).isEqualTo(catalog);
    assertThat(catalog(PolicyWriter.yaml(catalog)).in("busy").policies())
        .isEqualTo(catalog.in("busy").policies());
  }

  @Test
  void reader_severalFiles_shareTiersAndStates() {
    CatalogReader reader = new CatalogReader();
    List<Problems> problems = new ArrayList<>();
    problems.add(
        reader.read(
            "tiers.yaml",
            "version: 1\ntiers: { free: { l: 5/s } }\nstates: { busy: { shed: low } }",
            PolicyFileTest.NO_ENVIRONMENT));
    problems.add(
        reader.read(
            "policies.yaml",
            """
            version: 1
            states: { busy: { overrides: [ { multiply: 3 } ] } }
            policies: [ { name: p, domain: gateway, tier: t, limits: [ { name: l, rate: 1/s } ] } ]
            """,
            PolicyFileTest.NO_ENVIRONMENT));
    Problems main = new Problems();
    Node root = Document.read("main.yaml", "{}", name -> Optional.empty(), main).orElseThrow();
    PolicyCatalog catalog = reader.catalog(root).orElseThrow();

    assertThat(problems).allMatch(Problems::none);
    assertThat(limits(catalog.in("normal"), "t", "free")).containsExactly(5L);
    assertThat(limits(catalog.in("busy").withVersion(2), "t", "free", "x", "y"))
        .isEqualTo(List.of(15L));
  }
}
