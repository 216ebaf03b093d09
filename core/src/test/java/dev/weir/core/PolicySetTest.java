// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicySetTest {

  private static final Limit HUNDRED =
      Limit.of("hundred", TokenBucket.of(100, Duration.ofMinutes(1)));
  private static final Limit DAILY = Limit.of("daily", new FixedWindow(1_000, Duration.ofDays(1)));

  private static Policy.Builder policy(String name) {
    return Policy.named(name).domain("api").limit(HUNDRED);
  }

  private static List<String> names(PolicySet set, Descriptor descriptor) {
    return set.match(descriptor).stream().map(PolicyMatch::policy).toList();
  }

  private static Descriptor user(String user) {
    return Descriptor.of("api", "user", user);
  }

  @Test
  void match_severalPolicies_allInTheOrderOfTheFile() {
    PolicySet set =
        PolicySet.of(
            List.of(
                policy("any").match("user", ValuePattern.any()).build(),
                policy("other-domain").domain("web").build(),
                policy("exact").match("user", ValuePattern.exact("alice")).build(),
                policy("all").build(),
                policy("prefix").match("user", ValuePattern.prefix("al")).build()));

    assertThat(names(set, user("alice"))).containsExactly("any", "exact", "all", "prefix");
    assertThat(names(set, user("bob"))).containsExactly("any", "all");
    assertThat(names(set, Descriptor.of("none", "user", "bob"))).isEmpty();
  }

  @Test
  void match_onePolicy_isTheSameListEachTime() {
    PolicySet set =
        PolicySet.of(List.of(policy("any").match("user", ValuePattern.any()).key("user").build()));

    assertThat(set.match(user("a"))).isSameAs(set.match(user("b")));
  }

  @Test
  void match_entryOfTheKeyMissing_doesNotMatch() {
    PolicySet set = PolicySet.of(List.of(policy("by-user").key("user").build()));

    assertThat(names(set, Descriptor.of("api", "ip", "10.0.0.1"))).isEmpty();
    assertThat(set.explain(Descriptor.of("api", "ip", "10.0.0.1")))
        .containsExactly(
            new PolicyExplanation.Unmatched(
                set.policies().getFirst(), "user: no entry (expected: it is present)"));
  }

  @Test
  void match_entryTwice_firstCounts() {
    PolicySet set =
        PolicySet.of(List.of(policy("alice").match("user", ValuePattern.exact("alice")).build()));

    assertThat(names(set, Descriptor.of("api", "user", "alice", "user", "bob"))).hasSize(1);
    assertThat(names(set, Descriptor.of("api", "user", "bob", "user", "alice"))).isEmpty();
  }

  @Test
  void override_firstThatHolds_replacesAndMultiplies() {
    List<Condition> alice = List.of(new Condition("user", ValuePattern.exact("alice")));
    List<Condition> prefix = List.of(new Condition("user", ValuePattern.prefix("al")));
    Limit other = Limit.of("daily", new FixedWindow(7, Duration.ofDays(1)));
    PolicySet set =
        PolicySet.of(
            List.of(
                policy("p")
                    .limit(DAILY)
                    .key("user")
                    .override(new LimitOverride(alice, List.of(other), 10))
                    .override(LimitOverride.multiply(prefix, 2))
                    .build()));

    assertThat(limits(set, "alice")).containsExactly(1_000L, 7L);
    assertThat(limits(set, "albert")).containsExactly(200L, 2_000L);
    assertThat(limits(set, "bob")).containsExactly(100L, 1_000L);
    assertThat(set.match(user("alice")).getFirst().limits().getFirst().id())
        .isEqualTo(LimitId.of("api/p", "hundred"));
    assertThat(set.limit(LimitId.of("api/p", "daily")).orElseThrow().limit()).isEqualTo(DAILY);
    assertThat(set.limit(LimitId.of("api/p", "weekly"))).isEmpty();
  }

  private static List<Long> limits(PolicySet set, String user) {
    return set.match(user(user)).getFirst().limits().stream()
        .map(bound -> bound.limit().algorithm().limit())
        .toList();
  }

  @Test
  void lists_denyWinsOverAllow_allowOverLimits() {
    Condition inside = new Condition("ip", ValuePattern.cidr("10.0.0.0/8"));
    Condition mallory = new Condition("user", ValuePattern.exact("mallory"));
    Policy policy = policy("p").allow(inside).deny(mallory).build();
    PolicySet set = PolicySet.of(List.of(policy));
    Descriptor denied = Descriptor.of("api", "user", "mallory", "ip", "10.1.2.3");
    Descriptor allowed = Descriptor.of("api", "user", "bob", "ip", "::ffff:10.1.2.3");

    assertThat(set.match(denied).getFirst().listing()).isEqualTo(Listing.DENIED);
    assertThat(set.match(allowed).getFirst().listing()).isEqualTo(Listing.ALLOWED);
    assertThat(set.match(allowed).getFirst().limits()).isEmpty();
    assertThat(set.match(user("bob")).getFirst().listing()).isEqualTo(Listing.NONE);
    assertThat(set.explain(denied))
        .containsExactly(new PolicyExplanation.Listed(policy, Reason.DENY_LIST));
    assertThat(set.explain(allowed))
        .containsExactly(new PolicyExplanation.Listed(policy, Reason.ALLOW_LIST));
  }

  @Test
  void rule11_shadowPolicy_deniesNobody() {
    PolicySet set =
        PolicySet.of(
            List.of(
                policy("p")
                    .deny(new Condition("user", ValuePattern.exact("mallory")))
                    .override(
                        LimitOverride.multiply(
                            List.of(new Condition("user", ValuePattern.exact("alice"))), 2))
                    .mode(Mode.SHADOW)
                    .build()));

    for (String user : List.of("mallory", "alice", "bob")) {
      PolicyMatch match = set.match(user(user)).getFirst();
      assertThat(match.listing()).isEqualTo(Listing.NONE);
      assertThat(match.limits()).allMatch(limit -> limit.limit().mode() == Mode.SHADOW);
    }
  }

  @Test
  void rule10_cost_fromItsEntryElseTheDescriptors() {
    PolicySet set = PolicySet.of(List.of(policy("p").cost("tokens").build()));
    PolicyMatch match = set.match(user("a")).getFirst();

    assertThat(match.cost(Descriptor.of("api", "tokens", "250"))).isEqualTo(250);
    assertThat(match.cost(Descriptor.of("api", "tokens", "0"))).isZero();
    assertThat(match.cost(Descriptor.of("api", "tokens", "2147483647"))).isEqualTo(2147483647L);
    assertThat(match.cost(user("a").withCost(3))).isEqualTo(3);
    for (String bad : List.of("", "-1", "1.5", "2147483648", "99999999999999999999", "many")) {
      assertThatThrownBy(() -> match.cost(Descriptor.of("api", "tokens", bad)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("tokens: \"" + bad + "\" (expected: a cost of 0..2147483647)");
    }
  }

  @Test
  void partition_isPartOfTheKey() {
    Policy policy = policy("p").key("user").partition("tenant").build();
    PolicySet set = PolicySet.of(List.of(policy));
    Descriptor descriptor = Descriptor.of("api", "user", "u", "tenant", "t");

    assertThat(policy.key())
        .containsExactly(new KeyPart.Value("tenant"), new KeyPart.Value("user"));
    assertThat(set.match(descriptor).getFirst().limits())
        .allSatisfy(limit -> assertThat(limit.id().partition()).hasValue(0));
    assertThat(set.match(user("u"))).isEmpty();
  }

  @Test
  void explain_matched_tellsKeysLimitsAndCost() {
    Policy policy =
        policy("p")
            .match("path", ValuePattern.path("/users/{id}/**"))
            .key(
                List.of(
                    new KeyPart.PathVariable("path", "id"),
                    new KeyPart.AddressNetwork("ip", 24, 64)))
            .build();
    PolicySet set = PolicySet.of(List.of(policy));

    assertThat(set.explain(Descriptor.of("api", "path", "/users/42/x", "ip", "10.1.2.3")))
        .containsExactly(
            new PolicyExplanation.Matched(
                policy, List.of("42", "10.1.2.0/24"), List.of(HUNDRED), 1));
    assertThat(set.explain(Descriptor.of("api", "path", "/user/42", "ip", "10.1.2.3")))
        .containsExactly(
            new PolicyExplanation.Unmatched(
                policy, "path: \"/user/42\" (expected: it fits /users/{id}/**)"));
    assertThat(set.explain(Descriptor.of("web", "path", "/users/42")))
        .containsExactly(
            new PolicyExplanation.Unmatched(policy, "domain: \"web\" (expected: api)"));
  }

  @Test
  void rule18_keys_differentValues_differentBytes() {
    PolicySet set = PolicySet.of(List.of(policy("p").key("a", "b").build()));
    List<String> texts =
        List.of("", "a", "b", "ab", "a\u0000", "\u0000", "\ud800", "\udc00", "?", "\ud83d\ude00");
    List<byte[]> keys = new ArrayList<>();
    for (String a : texts) {
      for (String b : texts) {
        keys.add(key(set, Descriptor.of("api", "a", a, "b", b)));
      }
    }

    for (int i = 0; i < keys.size(); i++) {
      for (int j = 0; j < i; j++) {
        assertThat(Arrays.equals(keys.get(i), keys.get(j))).isFalse();
      }
    }
  }

  @Test
  void rule18_networkKey_sameNetworkSameBytes_noAddressOneCounter() {
    PolicySet set =
        PolicySet.of(
            List.of(policy("p").key(List.of(new KeyPart.AddressNetwork("ip", 24, 64))).build()));

    assertThat(ipKey(set, "10.1.2.3")).isEqualTo(ipKey(set, "::ffff:10.1.2.99"));
    assertThat(ipKey(set, "10.1.2.3")).isNotEqualTo(ipKey(set, "10.1.3.3"));
    assertThat(ipKey(set, "2001:db8::1")).isEqualTo(ipKey(set, "2001:db8:0:0:1:2:3:4%eth0"));
    assertThat(ipKey(set, "2001:db8::1")).isNotEqualTo(ipKey(set, "2001:db8:0:1::1"));
    assertThat(ipKey(set, "nonsense")).isEqualTo(ipKey(set, "10.1.2.0/24"));
  }

  private static byte[] ipKey(PolicySet set, String ip) {
    return key(set, Descriptor.of("api", "ip", ip));
  }

  private static byte[] key(PolicySet set, Descriptor descriptor) {
    KeyBuffer buffer = new KeyBuffer();
    set.match(descriptor).getFirst().writeKey(descriptor, buffer);
    return Arrays.copyOf(buffer.bytes, buffer.length);
  }

  @Test
  void versions_areGivenOrCounted() {
    List<Policy> policies = List.of(policy("p").build());

    assertThat(PolicySet.empty().version()).isZero();
    assertThat(PolicySet.of(policies).version()).isEqualTo(1);
    assertThat(PolicySet.of(41, policies).next(policies).version()).isEqualTo(42);
    assertThat(PolicySet.empty().match(user("a"))).isEmpty();
  }

  @Test
  void of_noneOrOneTwice_refused() {
    assertThatThrownBy(() -> PolicySet.of(List.of()))
        .hasMessage("policies: 0 (expected: 1..1000000)");
    assertThatThrownBy(() -> PolicySet.of(List.of(policy("p").build(), policy("p").build())))
        .hasMessage("policy: \"api/p\" (expected: each name once in a domain)");
  }

  @Test
  void build_badParts_refusedWithNameValueAndExpectation() {
    Condition alice = new Condition("user", ValuePattern.exact("alice"));
    refused(policy("a b"), "name: \"a b\" (expected: 1..100 letters, digits, '_', '.', '-')");
    refused(policy("p").domain(""), "domain: \"\" (expected: 1..200 characters)");
    refused(Policy.named("p"), "limits: 0 (expected: 1..16)");
    refused(policy("p").limit(HUNDRED), "limit: \"hundred\" (expected: each name once)");
    refused(
        policy("p").override(LimitOverride.replace(List.of(alice), List.of(DAILY))),
        "override of limit: \"daily\" (expected: one of [hundred])");
    refused(
        policy("p").key(List.of(new KeyPart.PathVariable("path", "id"))),
        "key part: \"path.id\" (expected: a variable of a template on path; there are [])");
    refused(
        Policy.named("p")
            .limit(Limit.of("huge", new FixedWindow((1L << 52) - 1, Duration.ofSeconds(1))))
            .override(LimitOverride.multiply(List.of(alice), 1_000_000)),
        "multiply: 1000000 (expected: a factor with which \"huge\" can be counted exactly)");
    refused(policy("p").deny(), "deny conditions: 0 (expected: 1..32)");
    assertThatThrownBy(() -> LimitOverride.multiply(List.of(alice), 0))
        .hasMessage("multiply: 0 (expected: 1..1000000)");
    assertThatThrownBy(() -> LimitOverride.multiply(List.of(), 2))
        .hasMessage("conditions: 0 (expected: 1..32)");
  }

  private static void refused(Policy.Builder builder, String message) {
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
