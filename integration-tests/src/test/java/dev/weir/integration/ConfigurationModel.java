// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import dev.weir.policy.Document;
import dev.weir.policy.Fields;
import dev.weir.policy.InvalidFileException;
import dev.weir.policy.Node;
import dev.weir.policy.Problem;
import dev.weir.policy.Problems;
import dev.weir.server.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The schema of configurations, and what the program's own reader says of the same places. */
final class ConfigurationModel {

  private static final String DEFINITIONS = "#/$defs/";
  private static final Pattern EXPECTED = Pattern.compile("\\(expected: (.*)\\)$");

  /**
   * A mapping of a configuration.
   *
   * @param place the way to it, such as {@code listeners[].tls}; empty for the whole file
   * @param steps the same as keys, {@code []} for an item and {@code *} for any name
   */
  record Mapping(String name, String place, List<String> steps, Node schema) {
    Map<String, Node> properties() {
      return children(schema.fields().node("properties").orElseThrow());
    }
  }

  private final Node root;
  private final Path file;
  private final Map<String, Mapping> mappings = new LinkedHashMap<>();
  private final Map<String, List<String>> places = new LinkedHashMap<>();

  ConfigurationModel(String schema, Path folder) {
    Problems problems = new Problems();
    this.root = Document.literal("schema", schema, problems).orElseThrow();
    problems.throwIfAny();
    this.file = folder.resolve("probe.yaml");
    visit("", List.of(), root);
  }

  /** Every mapping once, at the place where it comes first. */
  List<Mapping> mappings() {
    return List.copyOf(mappings.values());
  }

  /** Every place of a mapping. */
  List<String> places(Mapping mapping) {
    return places.get(mapping.name);
  }

  private void visit(String name, List<String> steps, Node schema) {
    String place = place(steps);
    places.computeIfAbsent(name, any -> new ArrayList<>()).add(place);
    if (mappings.containsKey(name)) {
      return;
    }
    Mapping mapping = new Mapping(name, place, steps, schema);
    mappings.put(name, mapping);
    mapping
        .properties()
        .forEach(
            (key, property) ->
                reference(property, plus(steps, key))
                    .ifPresent(at -> visit(at.name, at.steps, definition(at.name))));
  }

  private Node definition(String name) {
    return root.fields().node("$defs").orElseThrow().fields().node(name).orElseThrow();
  }

  /** The name of a mapping, and the way to it. */
  record Reference(String name, List<String> steps) {}

  /** The mapping that a property is, or has in a list or by name. */
  static Optional<Reference> reference(Node property, List<String> steps) {
    Map<String, Node> words = children(property);
    if (words.containsKey("$ref")) {
      String target = words.get("$ref").text().orElseThrow();
      return target.startsWith(DEFINITIONS)
          ? Optional.of(new Reference(target.substring(DEFINITIONS.length()), steps))
          : Optional.empty();
    }
    if (words.containsKey("items")) {
      return reference(words.get("items"), plus(steps, "[]"));
    }
    if (words.containsKey("additionalProperties")
        && words.get("additionalProperties").kind() == Node.Kind.MAPPING) {
      return reference(words.get("additionalProperties"), plus(steps, "*"));
    }
    if (words.containsKey("anyOf")) {
      return words.get("anyOf").items().stream()
          .flatMap(choice -> reference(choice, steps).stream())
          .findFirst();
    }
    return Optional.empty();
  }

  /** The fields of a mapping by their names. */
  static Map<String, Node> children(Node node) {
    Map<String, Node> children = new LinkedHashMap<>();
    if (node.kind() == Node.Kind.MAPPING) {
      Fields fields = node.fields();
      fields.names().forEach(name -> fields.node(name).ifPresent(at -> children.put(name, at)));
    }
    return children;
  }

  private static List<String> plus(List<String> steps, String step) {
    List<String> more = new ArrayList<>(steps);
    more.add(step);
    return more;
  }

  private static String place(List<String> steps) {
    return String.join(".", steps).replace(".[]", "[]").replace("*", "NAME");
  }

  /** A configuration that has fields in a mapping, given as they are written in braces. */
  String configuration(Mapping mapping, String fields) {
    String text = "{ " + fields + " }";
    String beside = beside(mapping.schema);
    for (int i = mapping.steps.size() - 1; i >= 0; i--) {
      String step = mapping.steps.get(i);
      if (step.equals("[]")) {
        text = "[ " + text + " ]";
      } else {
        text = "{ " + step.replace("*", "NAME") + ": " + text + beside + " }";
        beside = "";
      }
    }
    boolean own = fields.contains(" policies:") || mapping.place.startsWith("policy-files");
    String rest = own ? "version: 1" : "version: 1, policies: none";
    return mapping.steps.isEmpty()
        ? "{ " + fields + ", " + rest + " }"
        : "{ " + rest + ", " + text.substring(1);
  }

  /** What has to stand beside something so that it is read, in braces of YAML. */
  static String beside(Node schema) {
    StringBuilder text = new StringBuilder();
    Node others = children(schema).get("x-beside");
    if (others != null) {
      children(others)
          .forEach(
              (key, value) ->
                  text.append(", ").append(key).append(": ").append(value.text().orElse("")));
    }
    return text.toString();
  }

  /** What the reader says of a configuration. */
  List<Problem> problems(String configuration) throws IOException {
    try {
      Configuration unused = read(configuration);
      return List.of();
    } catch (InvalidFileException e) {
      return e.problems();
    }
  }

  Configuration read(String configuration) throws IOException {
    Files.writeString(file, configuration);
    return Configuration.read(file, Map.of());
  }

  /** What the reader expected of a value at a place, if it refused it for that. */
  Optional<String> expected(Mapping mapping, String key, String value, String below, Node property)
      throws IOException {
    String path =
        (place(mapping.steps) + "." + key).replace("[]", "[0]").replaceFirst("^\\.", "") + below;
    for (Problem problem :
        problems(configuration(mapping, key + ": " + value + beside(property)))) {
      Matcher expected = EXPECTED.matcher(problem.message());
      if (problem.path().equals(path) && expected.find()) {
        return Optional.of(expected.group(1));
      }
    }
    return Optional.empty();
  }
}
