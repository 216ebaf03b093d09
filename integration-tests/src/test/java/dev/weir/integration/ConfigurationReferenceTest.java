// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static dev.weir.integration.GeneratedPage.cell;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.integration.ConfigurationModel.Mapping;
import dev.weir.integration.Pages.Page;
import dev.weir.policy.Node;
import dev.weir.policy.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The schema of configurations and the program's reader are of one mind, and the reference is made
 * of what both say.
 */
final class ConfigurationReferenceTest {

  private static final Path SCHEMA = Pages.ROOT.resolve("docs/weir-configuration.schema.json");
  private static final Pattern KNOWN = Pattern.compile("unknown \\(expected: (?:one of )?(.*)\\)");
  // A name, text or time that stands for nothing.
  private static final String UNKNOWN = "\"%\"";
  private static final String TOO_LONG = "1000d";

  @TempDir private Path folder;
  private ConfigurationModel model;

  @BeforeEach
  void read() throws IOException {
    model = new ConfigurationModel(Files.readString(SCHEMA, UTF_8), folder);
  }

  @Test
  void keys_areThoseThatTheReaderKnows() throws IOException {
    for (Mapping mapping : model.mappings()) {
      Set<String> known = new TreeSet<>();
      Set<String> besides = new TreeSet<>(Set.of(""));
      mapping.properties().values().forEach(at -> besides.add(ConfigurationModel.beside(at)));
      for (String beside : besides) {
        for (Problem problem :
            model.problems(model.configuration(mapping, UNKNOWN + ": 1" + beside))) {
          Matcher names = KNOWN.matcher(problem.message());
          if (problem.path().endsWith("%") && names.matches()) {
            known.addAll(List.of(names.group(1).split(", ")));
          }
        }
      }
      assertThat(mapping.properties().keySet())
          .as("keys of %s", mapping.place())
          .containsExactlyInAnyOrderElementsOf(known);
    }
  }

  @Test
  void ranges_areThoseOfTheReader() throws IOException {
    for (Mapping mapping : model.mappings()) {
      for (Map.Entry<String, Node> property : mapping.properties().entrySet()) {
        Map<String, Node> words = ConfigurationModel.children(property.getValue());
        String range = range(mapping, property.getKey(), property.getValue());
        String place = mapping.place() + "." + property.getKey();
        if (words.containsKey("minimum") && words.get("type").items().size() == 2) {
          String bounds = text(words, "minimum") + ".." + text(words, "maximum");
          assertThat(range).as(place).endsWith(bounds);
        }
        Set<String> choices = choices(property.getValue());
        if (!choices.isEmpty()) {
          Set<String> told =
              new TreeSet<>(
                  List.of(range.replaceFirst("^(list: )?(one of )?", "").split(", | or ")));
          assertThat(told).as(place).isEqualTo(choices);
        }
      }
    }
  }

  @Test
  void defaults_areThoseOfTheReader() throws IOException {
    int checked = 0;
    for (Mapping mapping : model.mappings()) {
      for (Map.Entry<String, Node> property : mapping.properties().entrySet()) {
        Optional<String> otherwise = otherwise(property.getValue());
        if (otherwise.isPresent() && readable(mapping)) {
          String others = ConfigurationModel.beside(property.getValue());
          String beside = others.contains("addresses") ? others : required(mapping) + others;
          String with = property.getKey() + ": \"" + otherwise.get() + "\"" + beside;
          String without = beside.replaceFirst("^, ", "");
          assertThat(model.read(model.configuration(mapping, with)))
              .as("%s.%s", mapping.place(), property.getKey())
              .usingRecursiveComparison()
              .isEqualTo(model.read(model.configuration(mapping, without)));
          checked++;
        }
      }
    }
    assertThat(checked).isGreaterThan(30);
  }

  /** Whether a mapping can be read without what those around it require. */
  private static boolean readable(Mapping mapping) {
    int item = mapping.steps().indexOf("[]");
    return (item < 0 || item == mapping.steps().size() - 1)
        && !Set.of("policy-file", "identity-file").contains(mapping.name());
  }

  private static String required(Mapping mapping) {
    return switch (mapping.name()) {
      case "listener" -> ", port: 0, serves: [api]";
      case "route" -> ", path: /, respond: {}";
      case "redis" -> ", url: \"redis://localhost\"";
      default -> "";
    };
  }

  @Test
  void page_isWhatBothSay() throws IOException {
    StringBuilder page =
        new StringBuilder(
            """
            # Reference: configuration

            Every key of the file that `weir serve --config FILE` reads. The meanings and defaults are those of
            [weir-configuration.schema.json](../weir-configuration.schema.json), the ranges are what the program
            answers to a value out of them; a test compares both, and `./weir docs` writes this page.
            [Configuration](../configuration.md) explains them by example.

            Editors check and complete a file that begins with
            `# yaml-language-server: $schema=weir-configuration.schema.json`. Any value may be a variable,
            `${NAME}` or `${NAME:-default}`. The keys of policies are on [a page of their own](../policies.md).
            """);
    for (Mapping mapping : model.mappings()) {
      describe(mapping, page);
    }
    GeneratedPage.isCurrent("docs/reference/configuration.md", page.toString());
  }

  private void describe(Mapping mapping, StringBuilder page) throws IOException {
    page.append("\n## ").append(heading(mapping)).append("\n\n");
    List<String> places = model.places(mapping);
    Optional.ofNullable(ConfigurationModel.children(mapping.schema()).get("description"))
        .flatMap(Node::text)
        .ifPresent(about -> page.append(about).append("\n\n"));
    if (places.size() > 1) {
      page.append("At ")
          .append(places.stream().map(at -> "`" + at + "`").collect(Collectors.joining(", ")))
          .append(".\n\n");
    }
    Set<String> required = new TreeSet<>();
    Optional.ofNullable(ConfigurationModel.children(mapping.schema()).get("required"))
        .ifPresent(names -> names.items().forEach(name -> required.add(name.text().orElse(""))));
    page.append("| key | default | values | meaning |\n|---|---|---|---|\n");
    for (Map.Entry<String, Node> property : mapping.properties().entrySet()) {
      Node schema = property.getValue();
      String given = otherwise(schema).map(text -> "`" + text + "`").orElse("");
      page.append("| `").append(property.getKey()).append("` | ");
      page.append(required.contains(property.getKey()) ? "required" : given).append(" | ");
      page.append(values(mapping, property.getKey(), schema)).append(" | ");
      page.append(text(ConfigurationModel.children(schema), "description").replace("|", "\\|"));
      page.append(" |\n");
    }
  }

  private String heading(Mapping mapping) {
    if (mapping.place().isEmpty()) {
      return "The file";
    }
    return model.places(mapping).size() > 1 ? mapping.name() : "`" + mapping.place() + "`";
  }

  private String values(Mapping mapping, String key, Node schema) throws IOException {
    Optional<ConfigurationModel.Reference> reference =
        ConfigurationModel.reference(schema, List.of());
    if (reference.isEmpty()) {
      return cell(range(mapping, key, schema));
    }
    Mapping target =
        model.mappings().stream()
            .filter(each -> each.name().equals(reference.get().name()))
            .findFirst()
            .orElseThrow();
    String what = reference.get().steps().contains("[]") ? "list" : "mapping";
    return "[" + what + "](#" + Page.anchor(heading(target)) + ")";
  }

  /** What the reader expects, in its words; what it takes in any shape is a text. */
  private String range(Mapping mapping, String key, Node schema) throws IOException {
    Optional<String> expected = model.expected(mapping, key, UNKNOWN, "", schema);
    if (expected.isEmpty()) {
      return "text";
    }
    if (expected.get().equals("a list")) {
      return model
          .expected(mapping, key, "[" + UNKNOWN + "]", "[0]", schema)
          .map(item -> "list: " + item)
          .orElse("list");
    }
    return model
        .expected(mapping, key, TOO_LONG, "", schema)
        .filter(bounds -> bounds.matches("\\d+\\w+\\.\\.\\d+\\w+"))
        .orElse(expected.get());
  }

  private static Set<String> choices(Node schema) {
    Map<String, Node> words = ConfigurationModel.children(schema);
    Node items = words.get("items");
    Map<String, Node> of = items == null ? words : ConfigurationModel.children(items);
    Node choice = of.get("enum");
    if (choice == null && of.containsKey("anyOf")) {
      choice = ConfigurationModel.children(of.get("anyOf").items().getFirst()).get("enum");
    }
    Set<String> choices = new TreeSet<>();
    if (choice != null) {
      choice.items().forEach(word -> choices.add(word.text().orElse("")));
    }
    return choices;
  }

  private static Optional<String> otherwise(Node schema) {
    return Optional.ofNullable(ConfigurationModel.children(schema).get("default"))
        .flatMap(Node::text);
  }

  private static String text(Map<String, Node> words, String name) {
    return words.containsKey(name) ? words.get(name).text().orElse("") : "";
  }
}
