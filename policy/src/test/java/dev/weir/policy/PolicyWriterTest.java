// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarPeriod;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Concurrency;
import dev.weir.core.Condition;
import dev.weir.core.EntryPattern;
import dev.weir.core.Factor;
import dev.weir.core.FailurePolicy;
import dev.weir.core.FixedWindow;
import dev.weir.core.KeyPart;
import dev.weir.core.Lease;
import dev.weir.core.Limit;
import dev.weir.core.LimitOverride;
import dev.weir.core.Mode;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.Priority;
import dev.weir.core.PriorityRule;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.TokenBucket;
import dev.weir.core.ValuePattern;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PolicyWriterTest {

  private static final List<String> TEXTS =
      List.of(
          "user",
          "a.b",
          "path.id",
          "ip/32,64",
          "x/1,2/3,4",
          "true",
          "null",
          "42",
          "",
          " ",
          "*",
          "a*",
          "a*b",
          "${X}",
          "$${X}",
          "10.0.0.0/8",
          "10.1.0.0/8",
          "/a/{b}",
          "/{",
          "/a/**",
          "a: b",
          "# no",
          "'",
          "\"",
          "\\",
          "- a",
          "é",
          "\u0000",
          "\u2028",
          "\ud83d\ude00",
          "a\nb",
          "{a}",
          "[a]",
          "~",
          "0x10",
          "1e3",
          "&a",
          "!t",
          "ünï",
          "2026-01-01",
          "=",
          "<<",
          "@",
          "`",
          "%");

  @Test
  void yaml_sample_isPleasantToRead() throws IOException {
    PolicySet sample =
        PolicyFile.read(Path.of("src/test/resources/dev/weir/policy/good/full.yaml"));

    assertThat(PolicyWriter.yaml(sample.policies()))
        .isEqualTo(
            """
            version: 1
            policies:
              - name: per-user
                domain: api
                match: { user: "*", path: "/v1/users/{id}", ip: "10.0.0.0/8" }
                key: [tenant, user, "ip/32,64", path.id]
                partition: tenant
                cost: tokens
                limits:
                  - { name: "100-per-minute", rate: 100 per minute }
                  - name: daily
                    rate: 1000 per day in Europe/Paris
                    on-failure: closed
                    shadow: true
                  - name: burst
                    rate: 10 per second burst 50
                    lease: { permits: 5, lifetime: "250ms" }
                  - { name: log, rate: 100 per minute log }
                  - { name: inflight, rate: 10 at once for 30s }
                  - { name: tb, rate: 10 per second burst 100 }
                  - { name: fixed, rate: 100 per minute fixed, on-failure: local }
                  - { name: sliding, rate: 100 per hour sliding }
                  - { name: month, rate: 100 per calendar month }
                overrides:
                  - match: { user: alice }
                    multiply: 10
                  - match: { tenant: big }
                    limits:
                      - { name: daily, rate: 5000 per day in Europe/Paris }
                allow:
                  - { ip: "10.0.0.0/8" }
                deny:
                  - { user: mallory }
            """);
  }

  @Test
  void yamlAndJson_randomPolicies_readBackTheSame() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 1_000; round++) {
      List<Policy> policies = new ArrayList<>();
      for (int i = 0; i <= random.nextInt(3); i++) {
        policies.add(policy(random, "p" + i));
      }
      assertThat(read(PolicyWriter.yaml(policies)))
          .as("seed %d: %s", seed, PolicyWriter.yaml(policies))
          .isEqualTo(policies);
      assertThat(read(PolicyWriter.json(policies))).as("seed %d", seed).isEqualTo(policies);
    }
  }

  @Test
  void yamlAndJson_randomCatalogs_readBackTheSame() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int read = 0;
    for (int round = 0; round < 500; round++) {
      Optional<PolicyCatalog> made =
          new CatalogCompiler(source(random), (part, why) -> {}).compile(1);
      if (made.isPresent()) {
        PolicyCatalog catalog = made.get();
        String yaml = PolicyWriter.yaml(catalog);
        assertThat(catalog(yaml)).as("seed %d: %s", seed, yaml).isEqualTo(catalog);
        assertThat(catalog(PolicyWriter.json(catalog))).as("seed %d", seed).isEqualTo(catalog);
        for (String state : catalog.states()) {
          assertThat(catalog(yaml).in(state).policies())
              .as("seed %d: %s", seed, yaml)
              .isEqualTo(catalog.in(state).policies());
        }
        read++;
      }
    }
    assertThat(read).as("seed %d", seed).isGreaterThan(100);
  }

  private static PolicyCatalog catalog(String text) {
    return PolicyFile.catalog("round-trip", text, PolicyFileTest.NO_ENVIRONMENT);
  }

  private static CatalogSource source(Random random) {
    Limit minute =
        Limit.of("minute", new FixedWindow(1 + random.nextInt(99), Duration.ofMinutes(1)));
    List<TieredPolicy> policies = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      Policy.Builder policy = Policy.named("p" + i).key(text(random, 1)).limit(minute);
      if (random.nextBoolean()) {
        policy.priority(
            random.nextBoolean()
                ? PriorityRule.of(one(random, Priority.values()))
                : PriorityRule.from(text(random, 1), one(random, Priority.values())));
      }
      if (random.nextInt(3) == 0) {
        policy.override(LimitOverride.multiply(conditions(random, 1), factor(random)));
      }
      policies.add(
          new TieredPolicy(
              policy.build(),
              i == 0 || random.nextBoolean() ? Optional.of(text(random, 1)) : Optional.empty()));
    }
    List<String> names = new ArrayList<>(List.of("a", "b.1", "c_d"));
    List<Tier> tiers = new ArrayList<>();
    for (String tier : List.of(text(random, 1), text(random, 1) + "2nd")) {
      Map<String, Algorithm> rates = new LinkedHashMap<>();
      rates.put("normal", new FixedWindow(1 + random.nextInt(99), Duration.ofMinutes(1)));
      if (random.nextBoolean()) {
        rates.put(
            one(random, names.toArray(String[]::new)), new FixedWindow(1, Duration.ofHours(1)));
      }
      tiers.add(new Tier(tier, List.of(new Tier.Limit("minute", rates))));
    }
    List<LoadState> states = new ArrayList<>();
    for (String name : names) {
      List<LoadState.Change> changes = new ArrayList<>();
      for (int i = random.nextInt(3); i > 0; i--) {
        changes.add(
            new LoadState.Change(
                random.nextBoolean() ? Optional.of("default") : Optional.empty(),
                random.nextBoolean() ? Optional.of(tiers.getFirst().name()) : Optional.empty(),
                conditions(random, random.nextInt(3)),
                random.nextBoolean()
                    ? Map.of("minute", new FixedWindow(1 + random.nextInt(9), Duration.ofHours(1)))
                    : Map.of(),
                factor(random)));
      }
      states.add(
          new LoadState(
              name,
              random.nextBoolean()
                  ? Optional.of(one(random, Priority.LOW, Priority.NORMAL, Priority.HIGH))
                  : Optional.empty(),
              changes));
    }
    return new CatalogSource(policies, tiers, states);
  }

  private static Factor factor(Random random) {
    return new Factor(1 + random.nextInt(9), 1 + random.nextInt(9));
  }

  private static List<Policy> read(String text) {
    return PolicyFile.parse("round-trip", text, PolicyFileTest.NO_ENVIRONMENT);
  }

  private static Policy policy(Random random, String name) {
    List<Condition> conditions = conditions(random, random.nextInt(4));
    Policy.Builder policy = Policy.named(name).match(conditions);
    if (random.nextBoolean()) {
      policy.domain(text(random, 1));
    }
    if (random.nextInt(3) == 0) {
      policy.cost(text(random, 1));
    }
    List<KeyPart> key = new ArrayList<>();
    boolean entries = random.nextInt(3) == 0;
    for (int i = random.nextInt(3); i > 0 && !entries; i--) {
      key.add(
          random.nextBoolean()
              ? new KeyPart.Value(text(random, 1))
              : new KeyPart.AddressNetwork(
                  text(random, 1), random.nextInt(33), random.nextInt(129)));
    }
    for (int i = 1 + random.nextInt(3); i > 0 && entries; i--) {
      policy.entries(
          List.of(new EntryPattern(text(random, 1), pattern(random), random.nextBoolean())));
    }
    if (!entries && random.nextInt(3) == 0) {
      policy.partition(text(random, 1));
    }
    if (!entries && random.nextInt(3) == 0) {
      policy.match("path", ValuePattern.path("/u/{id}/{rest...}"));
      key.add(new KeyPart.PathVariable("path", random.nextBoolean() ? "id" : "rest"));
    }
    policy.key(key);
    if (random.nextInt(3) == 0) {
      policy.replaces(List.of("other limit", text(random, 1) + "2nd"));
    }
    if (random.nextInt(8) == 0) {
      return policy.unlimited().build();
    }
    List<Limit> limits = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      limits.add(limit(random, i == 0 ? text(random, 1) : "limit " + i));
    }
    policy.limits(limits);
    for (int i = random.nextInt(3); i > 0; i--) {
      Limit replaced = limit(random, limits.getFirst().name());
      policy.override(
          new LimitOverride(
              conditions(random, 1 + random.nextInt(2)),
              random.nextBoolean() ? List.of(replaced) : List.of(),
              1 + random.nextInt(2)));
    }
    if (random.nextInt(3) == 0) {
      policy.allow(conditions(random, 1 + random.nextInt(3)).toArray(Condition[]::new));
      policy.deny(conditions(random, 1).toArray(Condition[]::new));
    }
    return policy.mode(one(random, Mode.values())).build();
  }

  private static Limit limit(Random random, String name) {
    Limit limit =
        new Limit(
            name,
            algorithm(random),
            one(random, FailurePolicy.values()),
            one(random, Mode.values()));
    return limit.algorithm() instanceof TokenBucket bucket && random.nextBoolean()
        ? limit.leased(
            new Lease(
                1 + random.nextLong(bucket.capacity()), Duration.ofMillis(1 + random.nextInt(9))))
        : limit;
  }

  private static Algorithm algorithm(Random random) {
    long count = 1 + random.nextInt(1_000);
    long perWindow = random.nextInt(1_000);
    Duration duration =
        one(
            random,
            Duration.ofSeconds(1),
            Duration.ofMillis(1_500),
            Duration.ofDays(21),
            Duration.ofNanos(7_000),
            Duration.ofSeconds(1 + random.nextInt(1_000)));
    ZoneId zone =
        one(
            random,
            ZoneOffset.UTC,
            ZoneId.of("Europe/Paris"),
            ZoneId.of("Etc/GMT+5"),
            ZoneId.of("-03:30"),
            ZoneId.of("America/Argentina/Buenos_Aires"));
    return switch (random.nextInt(6)) {
      case 0 -> new TokenBucket(count, 1 + random.nextInt(5), duration);
      case 1 -> new FixedWindow(perWindow, duration);
      case 2 -> new SlidingWindow(count, duration);
      case 3 -> new SlidingLog(count, duration);
      case 4 -> new CalendarQuota(count, one(random, CalendarPeriod.values()), zone);
      default -> new Concurrency(count, Duration.ofSeconds(1 + random.nextInt(100)));
    };
  }

  private static List<Condition> conditions(Random random, int count) {
    List<Condition> conditions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      conditions.add(
          new Condition(random.nextInt(4) == 0 ? "path" : text(random, 1), pattern(random)));
    }
    return conditions;
  }

  private static ValuePattern pattern(Random random) {
    ValuePattern pattern =
        switch (random.nextInt(5)) {
          case 0 -> ValuePattern.any();
          case 1 -> ValuePattern.prefix(text(random, 1));
          case 2 -> ValuePattern.cidr(one(random, "10.0.0.0/8", "::/0", "2001:db8::1"));
          case 3 -> ValuePattern.path(one(random, "/", "/a", "/{a}", "/a/*", "/a/**", "/*/b"));
          default -> ValuePattern.exact(text(random, 0));
        };
    return switch (random.nextInt(8)) {
      case 0 -> new ValuePattern.Except(pattern, List.of(text(random, 0)), List.of());
      case 1 ->
          new ValuePattern.Except(
              pattern, List.of(text(random, 0), ""), List.of(text(random, 1), text(random, 1)));
      default -> pattern;
    };
  }

  private static String text(Random random, int minLength) {
    String text = "";
    do {
      text = one(random, TEXTS.toArray(String[]::new));
      if (random.nextInt(3) == 0) {
        text += one(random, TEXTS.toArray(String[]::new));
      }
    } while (text.length() < minLength);
    return text;
  }

  @SafeVarargs
  private static <T> T one(Random random, T... values) {
    return values[random.nextInt(values.length)];
  }
}
