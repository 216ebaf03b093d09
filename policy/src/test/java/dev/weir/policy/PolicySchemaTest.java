// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Keeps the schema and the reader of one mind. */
class PolicySchemaTest {

  private static final Path SAMPLES = Path.of("src/test/resources/dev/weir/policy/good");

  /** What only the reader sees: names used twice or unknown, and what a value adds up to. */
  private static final Set<String> BEYOND_THE_SCHEMA =
      Set.of(
          "{ name: p, limits: [1/s, 1/s] }",
          "{ name: p, limits: [{ algorithm: calendar, limit: 1, period: day, zone: Paris }] }",
          "{ name: p, limits: [{ algorithm: concurrency, limit: 1, expiry: 2d }] }",
          "{ name: p, limits: [1/s], match: { ip: 10.1.0.0/8 } }",
          "{ name: p, limits: [1/s], match: { path: \"/u/{id}\" }, key: [path.di] }",
          "{ name: p, limits: [1/s], key: [{ template: path, variable: id }] }",
          "{ name: p, limits: [1/s, 2/s], overrides: [{ match: { a: b }, limits: [3/s] }] }",
          "{ name: p, limits: [1 at once], overrides: [{ match: { a: b }, multiply: 100000 }] }",
          "{ name: p, limits: [4503599627370495/s fixed], overrides: [{ match: { a: b }, multiply:"
              + " 999999 }] }",
          "{ name: p, limits: [1/s] }\n- { name: p, limits: [1/s] }",
          "{ name: p, limits: [{ rate: 9/s, lease: { permits: 10 } }] }",
          "{ name: p, limits: [{ rate: 9/s, lease: { lifetime: 2m } }] }",
          "{ name: p, limits: [{ rate: 9/s fixed, lease: true }] }",
          "{ name: p, entries: [{ key: a }], key: [a], limits: [1/s] }",
          "{ name: p, limits: [{ name: a, rate: 1/s }], replaces: [a] }",
          "{ name: p, limits: [{ rate: 1/s, shadow: true, quota: true }] }",
          "{ name: p, limits: [1 per day in Mars] }");

  private static final Pattern BEYOND_ONE_PLACE =
      Pattern.compile(
          "no policy has tiers|(tiers|states) in the file|unknown state"
              + "|so that what is spent stays|can be counted exactly"
              + "|tiers.free.mn: |(tier|domain|limits): \"");

  private static JsonSchema schema() throws IOException {
    try (InputStream in = PolicyFile.class.getResourceAsStream("weir-policy.schema.json")) {
      return JsonSchemaFactory.getInstance(VersionFlag.V202012)
          .getSchema(requireNonNull(in, "schema"));
    }
  }

  private static List<String> refusals(String text) throws IOException {
    return schema().validate(text, InputFormat.YAML).stream().map(Object::toString).toList();
  }

  static Stream<Arguments> samples() throws IOException {
    try (Stream<Path> files = Files.list(SAMPLES)) {
      return files.sorted().map(Arguments::of).toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void sample_isAcceptedByBoth(Path sample) throws IOException {
    String text = Files.readString(sample);

    assertThat(refusals(text)).isEmpty();
    assertThat(PolicyFile.parse("sample", text, PolicyFileTest.NO_ENVIRONMENT)).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("dev.weir.policy.RateWordsTest#rates")
  void rate_isAccepted(String words) throws IOException {
    assertThat(refusals("version: 1\npolicies:\n- { name: p, limits: [\"" + words + "\"] }"))
        .isEmpty();
  }

  @ParameterizedTest
  @MethodSource("dev.weir.policy.PolicyProblemsTest#policyProblems")
  void badPolicy_isRefusedBySchemaToo(String policy) throws IOException {
    List<String> refusals = refusals("version: 1\npolicies:\n- " + policy);

    if (BEYOND_THE_SCHEMA.contains(policy)) {
      assertThat(refusals).as("the schema sees this one: take it off the list").isEmpty();
    } else {
      assertThat(refusals).isNotEmpty();
    }
  }

  /* What a tier or state says of another part of the file is beyond the schema; how it says it is
   * not. */
  @ParameterizedTest
  @MethodSource("dev.weir.policy.PolicyProblemsTest#tierProblems")
  void badTiersAndStates_areRefusedBySchemaToo(String text, String problems) throws IOException {
    boolean beyond = problems.lines().allMatch(problem -> BEYOND_ONE_PLACE.matcher(problem).find());

    if (beyond) {
      assertThat(refusals("version: 1\n" + text)).isEmpty();
    } else {
      assertThat(refusals("version: 1\n" + text)).isNotEmpty();
    }
  }

  @Test
  void writtenCatalog_isAccepted() throws IOException {
    String text = Files.readString(SAMPLES.resolve("tiers.yaml"));
    PolicyCatalog catalog = PolicyFile.catalog("sample", text, PolicyFileTest.NO_ENVIRONMENT);

    assertThat(refusals(PolicyWriter.yaml(catalog))).isEmpty();
    assertThat(refusals(PolicyWriter.json(catalog))).isEmpty();
  }

  @Test
  void writtenPolicies_areAccepted() throws IOException {
    String text = Files.readString(SAMPLES.resolve("full.yaml"));
    var policies = PolicyFile.parse("sample", text, PolicyFileTest.NO_ENVIRONMENT);

    assertThat(refusals(PolicyWriter.yaml(policies))).isEmpty();
    assertThat(refusals(PolicyWriter.json(policies))).isEmpty();
  }

  @Test
  void publishedSchema_isThisOne() throws IOException {
    try (InputStream in = PolicyFile.class.getResourceAsStream("weir-policy.schema.json")) {
      assertThat(Path.of("../docs/weir-policy.schema.json"))
          .hasContent(
              new String(requireNonNull(in, "schema").readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
