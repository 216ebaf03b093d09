// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.CalendarQuota;
import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.FixedWindow;
import dev.weir.core.LimitState;
import dev.weir.core.MemoryStore;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.Unlimited;
import dev.weir.policy.InvalidFileException;
import dev.weir.policy.PolicyFile;
import dev.weir.policy.PolicyWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares the importer with what was written down by hand. */
class EnvoyImporterTest {

  private static EnvoyRules rules(String... texts) {
    List<EnvoyImporter.Source> files = new ArrayList<>();
    for (String text : texts) {
      files.add(new EnvoyImporter.Source(files.isEmpty() ? "f.yaml" : "g.yaml", text));
    }
    return EnvoyImporter.parse(files, EnvoyImporter.Domains.ONE_FILE_EACH);
  }

  static Stream<Arguments> decisions() throws IOException {
    return cases("decisions.txt");
  }

  static Stream<Arguments> problems() throws IOException {
    return cases("problems.txt");
  }

  private static Stream<Arguments> cases(String resource) throws IOException {
    String text = Files.readString(Path.of("src/test/resources/dev/weir/policy/envoy", resource));
    return Stream.of(text.split("(?m)^== ", -1))
        .skip(1)
        .map(
            each -> {
              int line = each.indexOf('\n');
              int requests = each.indexOf("\n--\n");
              return Arguments.of(
                  each.substring(0, line),
                  each.substring(line + 1, requests + 1),
                  each.substring(requests + 4).strip());
            });
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("decisions")
  void configuration_decides(String name, String yaml, String requests) {
    List<Policy> policies = rules(yaml).policies();

    assertThat(decided(policies, requests)).isEqualTo(requests);
  }

  /** What {@code weir import envoy} prints decides the same. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("decisions")
  void configurationWrittenAsPolicies_decidesTheSame(String name, String yaml, String requests) {
    List<Policy> policies = rules(yaml).policies();
    List<Policy> read =
        PolicyFile.parse("again", PolicyWriter.yaml(policies), variable -> Optional.empty());

    assertThat(read).isEqualTo(policies);
    assertThat(decided(read, requests)).isEqualTo(requests);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("problems")
  void configuration_wrong_isRefused(String name, String yaml, String problems) {
    assertThatThrownBy(() -> rules(yaml))
        .isInstanceOf(InvalidFileException.class)
        .hasMessage(problems);
  }

  @Test
  void domain_inTwoFiles_isRefusedUnlessMerged() {
    String one = "domain: d\ndescriptors: [{ key: a, value: x* }]";
    String two =
        "domain: d\ndescriptors: [{ key: a, rate_limit: { unit: day, requests_per_unit: 3 } }]";
    List<EnvoyImporter.Source> files =
        List.of(new EnvoyImporter.Source("f.yaml", one), new EnvoyImporter.Source("g.yaml", two));

    assertThatThrownBy(() -> rules(one, two))
        .hasMessage("g.yaml:1:9: domain: duplicate domain 'd' in config file (first in f.yaml)");
    EnvoyRules merged = EnvoyImporter.parse(files, EnvoyImporter.Domains.MERGED);
    assertThat(decided(merged.policies(), "a=xy => \na=y => "))
        .isEqualTo("a=xy => OK -\na=y => OK a 3/86400 2");
    assertThatThrownBy(
            () ->
                EnvoyImporter.parse(
                    List.of(files.get(0), files.get(1), files.get(0)),
                    EnvoyImporter.Domains.MERGED))
        .hasMessageContaining("duplicate descriptor composite key 'd.a_x*'");
  }

  @Test
  void exampleOfTheDocument_isRead() throws IOException {
    String document = Files.readString(Path.of("../docs/migration.md"));
    String example = document.replaceAll("(?s).*```yaml\\n(domain: .*?)```.*", "$1");

    assertThat(rules(example).policies())
        .extracting(Policy::name)
        .containsExactly("user_vip--fb54aaa6", "user", "tenant");
  }

  @Test
  void domains_areApart() {
    String rule = "descriptors: [{ key: a, rate_limit: { unit: day, requests_per_unit: 3 } }]";
    EnvoyRules rules = rules("domain: d\n" + rule, "domain: e\n" + rule);

    assertThat(rules.domains()).containsExactlyInAnyOrder("d", "e");
    assertThat(rules.policies()).extracting(Policy::fullName).containsExactly("d/a", "e/a");
  }

  @Test
  void whatHasNoEffect_isSaid() {
    EnvoyRules rules =
        rules(
            """
            domain: d
            descriptors:
              - { key: a, unit: day }
              - { key: b, value: "*" }
              - { key: b, rate_limit: { unit: day } }
              - { key: c, value: x* }
              - { key: c, value: xy*, rate_limit: { unit: day } }
            """);

    assertThat(rules.policies()).isEmpty();
    assertThat(rules.domains()).containsExactly("d");
    assertThat(rules.warnings())
        .extracting(Object::toString)
        .containsExactly(
            "f.yaml:3:21: descriptors[0].unit: has no effect here",
            "f.yaml:5:5: descriptors[2]: never applies: the value '*' beside it takes every value",
            "f.yaml:7:5: descriptors[4]: never applies: a wildcard before it takes every value");
  }

  @Test
  void tenThousandRules_haveNamesOfTheirOwn() {
    StringBuilder yaml = new StringBuilder("domain: d\ndescriptors:\n");
    for (int i = 0; i < 10_000; i++) {
      yaml.append("  - { key: user, value: \"u/").append(i);
      yaml.append("\", rate_limit: { unit: day, requests_per_unit: ")
          .append(i + 1)
          .append(" } }\n");
    }
    yaml.append("  - { key: user, descriptors: [{ key: b, rate_limit: { unit: day } }] }\n");

    PolicySet set = PolicySet.of(rules(yaml.toString()).policies());

    assertThat(set.policies()).hasSize(10_001);
    assertThat(decided(set.policies(), "user=u/77 => ")).contains(" 78/86400 77");
  }

  private static String decided(List<Policy> policies, String requests) {
    PolicySet set = policies.isEmpty() ? PolicySet.empty() : PolicySet.of(policies);
    StringJoiner lines = new StringJoiner("\n");
    try (MemoryStore store = MemoryStore.create()) {
      RateLimiter limiter = RateLimiter.create(store, set);
      for (String line : requests.split("\n")) {
        String request = line.substring(0, line.indexOf(" =>"));
        List<Descriptor> descriptors =
            Stream.of(request.split(" ; ")).map(EnvoyImporterTest::descriptor).toList();
        lines.add(request + " => " + text(limiter.check(descriptors), descriptors.size()));
      }
    }
    return lines.toString();
  }

  private static Descriptor descriptor(String text) {
    return Descriptor.of(
        "d",
        Stream.of(text.split(","))
            .map(each -> each.split("=", 2))
            .map(parts -> new Descriptor.Entry(parts[0], parts[1]))
            .toList());
  }

  private static String text(Decision decision, int descriptors) {
    StringJoiner all = new StringJoiner(" | ", decision.allowed() ? "OK " : "OVER ", "");
    for (int i = 0; i < descriptors; i++) {
      int at = i;
      String limits =
          decision.states().stream()
              .filter(state -> state.descriptor() == at)
              .map(EnvoyImporterTest::text)
              .collect(Collectors.joining(" + "));
      boolean unlimited =
          decision.unlimited().stream().map(Unlimited::descriptor).anyMatch(d -> d == at);
      String without = unlimited ? "unlimited" : "-";
      all.add(limits.isEmpty() ? without : limits);
    }
    return all.toString();
  }

  private static String text(LimitState state) {
    String window =
        switch (state.limit().algorithm()) {
          case FixedWindow fixed -> Long.toString(fixed.window().toSeconds());
          case CalendarQuota quota -> quota.period().name().toLowerCase(Locale.ROOT);
          default -> "?";
        };
    return state.policy().replaceAll("-[0-9a-f]{8}$", "")
        + " "
        + state.limit().algorithm().limit()
        + "/"
        + window
        + " "
        + state.verdict().remaining()
        + (state.allowed() ? "" : "!");
  }
}
