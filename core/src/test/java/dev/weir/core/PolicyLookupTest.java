// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Compares the index with a matcher that tries every policy in turn, and by other means. */
class PolicyLookupTest {

  private static final List<String> KEYS = List.of("user", "ip", "path", "tier");
  private static final List<String> TEXTS =
      List.of("", "a", "ab", "abc", "abd", "b", "ba", "Aa", "BB", "AaAa", "BBBB", "AaBB");
  private static final List<String> ADDRESSES =
      List.of(
          "10.0.0.1",
          "10.0.1.1",
          "10.1.0.1",
          "11.0.0.1",
          "::ffff:10.0.0.1",
          "2001:db8::1",
          "2001:db8:1::1",
          "::1",
          "0.0.0.0");
  private static final List<String> NETWORKS =
      List.of(
          "10.0.0.0/8",
          "10.0.0.0/16",
          "10.0.0.0/24",
          "10.0.0.1/32",
          "0.0.0.0/0",
          "::/0",
          "2001:db8::/32",
          "2001:db8::/48",
          "2001:db8::1/128");
  private static final List<String> PATHS =
      List.of("/", "/a", "/a/", "/a/b", "/a/b/c", "/b", "/b/b", "//", "/a//c", "a/b");
  private static final List<String> TEMPLATES =
      List.of("/", "/a", "/{x}", "/*/b", "/a/{x}", "/a/{x}/c", "/**", "/a/**", "/{x}/{y...}");

  @Test
  void match_randomPolicies_asTheNaiveMatcher() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int matched = 0;
    for (int round = 0; round < 300; round++) {
      PolicySet set = PolicySet.of(policies(random, 1 + random.nextInt(60)));
      for (int i = 0; i < 60; i++) {
        Descriptor descriptor = descriptor(random);
        List<String> expected = naive(set.policies(), descriptor);
        assertThat(set.match(descriptor).stream().map(PolicyLookupTest::text).toList())
            .as("seed %d: %s in %s", seed, descriptor, set.policies())
            .isEqualTo(expected);
        assertThat(explained(set, descriptor)).as("seed %d", seed).hasSameSizeAs(expected);
        matched += expected.size();
      }
    }
    assertThat(matched).as("seed %d", seed).isPositive();
  }

  private static List<PolicyExplanation> explained(PolicySet set, Descriptor descriptor) {
    return set.explain(descriptor).stream()
        .filter(explanation -> !(explanation instanceof PolicyExplanation.Unmatched))
        .toList();
  }

  private static String text(PolicyMatch match) {
    return match.policy()
        + match.listing()
        + match.limits().stream().map(limit -> limit.limit().algorithm().limit()).toList();
  }

  private static List<Policy> policies(Random random, int count) {
    List<Policy> policies = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Policy.Builder policy =
          Policy.named("p" + i)
              .domain(random.nextInt(5) == 0 ? "web" : "api")
              .match(conditions(random, random.nextInt(4)))
              .limit(Limit.of("l", new FixedWindow(1, Duration.ofSeconds(1))));
      if (random.nextInt(3) == 0) {
        policy.entries(entries(random));
      } else if (random.nextInt(3) == 0) {
        policy.key(one(random, KEYS));
      }
      for (int j = random.nextInt(4); j > 0; j--) {
        policy.override(LimitOverride.multiply(conditions(random, 1 + random.nextInt(2)), 2 + j));
      }
      if (random.nextInt(4) == 0) {
        policy.allow(conditions(random, 1 + random.nextInt(2)).toArray(Condition[]::new));
        policy.deny(conditions(random, 1 + random.nextInt(2)).toArray(Condition[]::new));
      }
      policies.add(policy.build());
    }
    return policies;
  }

  private static List<Condition> conditions(Random random, int count) {
    List<Condition> conditions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String key = one(random, KEYS);
      conditions.add(new Condition(key, pattern(random, key)));
    }
    return conditions;
  }

  private static List<EntryPattern> entries(Random random) {
    List<EntryPattern> entries = new ArrayList<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      String key = one(random, KEYS.subList(0, 2));
      entries.add(new EntryPattern(key, pattern(random, key), random.nextBoolean()));
    }
    return entries;
  }

  private static ValuePattern pattern(Random random, String key) {
    ValuePattern pattern =
        switch (random.nextInt(5)) {
          case 0 -> ValuePattern.any();
          case 1 -> ValuePattern.cidr(one(random, NETWORKS));
          case 2 -> ValuePattern.path(one(random, TEMPLATES));
          case 3 -> ValuePattern.prefix(one(random, TEXTS.subList(1, TEXTS.size())));
          default -> ValuePattern.exact(value(random, key));
        };
    return random.nextInt(4) == 0
        ? new ValuePattern.Except(
            pattern, some(random, key, random.nextInt(3)), some(random, "user", 1))
        : pattern;
  }

  private static List<String> some(Random random, String key, int count) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 2 * count; i++) {
      texts.add(value(random, key) + (key.equals("user") ? "a" : ""));
    }
    return texts;
  }

  private static Descriptor descriptor(Random random) {
    List<Descriptor.Entry> entries = new ArrayList<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      String key = one(random, KEYS);
      entries.add(new Descriptor.Entry(key, value(random, key)));
    }
    return Descriptor.of(random.nextInt(5) == 0 ? "web" : "api", entries);
  }

  private static String value(Random random, String key) {
    return switch (key) {
      case "ip" -> one(random, ADDRESSES);
      case "path" -> one(random, PATHS);
      default -> one(random, TEXTS);
    };
  }

  private static <T> T one(Random random, List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private static List<String> naive(List<Policy> policies, Descriptor descriptor) {
    List<String> matches = new ArrayList<>();
    for (Policy policy : policies) {
      if (policy.domain().equals(descriptor.domain())
          && all(policy.conditions(), descriptor)
          && exactly(policy.entries(), descriptor.entries())
          && policy.key().stream().allMatch(part -> descriptor.value(part.entry()).isPresent())) {
        matches.add(policy.name() + outcome(policy, descriptor));
      }
    }
    return matches;
  }

  private static boolean exactly(List<EntryPattern> wanted, List<Descriptor.Entry> found) {
    boolean same = wanted.isEmpty() || wanted.size() == found.size();
    for (int i = 0; same && i < wanted.size(); i++) {
      same =
          wanted.get(i).key().equals(found.get(i).key())
              && fits(wanted.get(i).pattern(), found.get(i).value());
    }
    return same;
  }

  private static String outcome(Policy policy, Descriptor descriptor) {
    if (policy.deny().stream().anyMatch(line -> all(line, descriptor))) {
      return Listing.DENIED + "[]";
    }
    if (policy.allow().stream().anyMatch(line -> all(line, descriptor))) {
      return Listing.ALLOWED + "[]";
    }
    return Listing.NONE
        + "["
        + policy.overrides().stream()
            .filter(override -> all(override.conditions(), descriptor))
            .findFirst()
            .map(LimitOverride::multiply)
            .orElse(Factor.ONE)
        + "]";
  }

  private static boolean all(List<Condition> conditions, Descriptor descriptor) {
    return conditions.stream()
        .allMatch(
            condition ->
                descriptor
                    .value(condition.key())
                    .filter(value -> fits(condition.pattern(), value))
                    .isPresent());
  }

  private static boolean fits(ValuePattern pattern, String value) {
    return switch (pattern) {
      case ValuePattern.Any any -> true;
      case ValuePattern.Exact exact -> exact.value().equals(value);
      case ValuePattern.Prefix prefix -> value.startsWith(prefix.prefix());
      case ValuePattern.Cidr cidr -> inside(cidr.network(), value);
      case ValuePattern.Except except ->
          fits(except.pattern(), value)
              && !except.texts().contains(value)
              && except.prefixes().stream().noneMatch(value::startsWith);
      case ValuePattern.PathTemplate path ->
          value.startsWith("/") && regex(path.template()).matcher(value).matches();
    };
  }

  private static Pattern regex(String template) {
    String regex =
        template
            .replaceAll("/(\\*\\*|\\{\\w+\\.\\.\\.})$", "(|/.*)")
            .replaceAll("/(\\{\\w+}|\\*)", "/[^/]+");
    return Pattern.compile(regex.endsWith("/") || regex.endsWith(")") ? regex : regex + "/?");
  }

  private static boolean inside(String network, String value) {
    String[] parts = network.split("/");
    int length = Integer.parseInt(parts[1]);
    if (!value.matches("[0-9.]+|.*:.*")) {
      return false;
    }
    try {
      byte[] base = InetAddress.getByName(parts[0]).getAddress();
      byte[] address = InetAddress.getByName(value).getAddress();
      boolean inside = base.length == address.length;
      for (int bit = 0; inside && bit < length; bit++) {
        int mask = 0x80 >> bit % 8;
        inside = (base[bit / 8] & mask) == (address[bit / 8] & mask);
      }
      return inside;
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
