// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import static dev.weir.deploy.ComposeFile.map;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Objects of Kubernetes, in the order of their file.
 *
 * @param all each as its maps and lists
 */
record Manifests(List<Map<String, Object>> all) {
  static final String CHART = "deploy/helm/weir";

  static Manifests of(String text) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(text)) {
      if (document != null) {
        all.add(map(document));
      }
    }
    return new Manifests(all);
  }

  static Manifests read(String file) {
    try {
      return of(Files.readString(Machine.ROOT.resolve(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the chart becomes with these values. */
  static String rendered(Path values, String... more) {
    List<String> command =
        new ArrayList<>(List.of("helm", "template", "weir", CHART, "--values", values.toString()));
    command.addAll(List.of(more));
    Machine.Outcome outcome = Machine.run(Map.of(), command);
    if (outcome.status() != 0) {
      throw new IllegalStateException(outcome.output());
    }
    return outcome.output();
  }

  static Path values(String name) {
    return Machine.ROOT.resolve(CHART + "/ci/" + name + ".yaml");
  }

  /** The first object of a kind whose name this is. */
  Map<String, Object> get(String kind, String name) {
    return all.stream()
        .filter(object -> object.get("kind").equals(kind))
        .filter(object -> map(object.get("metadata")).get("name").equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no " + kind + " " + name));
  }

  /** The pods that objects make, as their specifications. */
  List<Map<String, Object>> pods() {
    List<Map<String, Object>> pods = new ArrayList<>();
    for (Map<String, Object> object : all) {
      if (object.get("kind").equals("Pod")) {
        pods.add(map(object.get("spec")));
      } else if (map(object.getOrDefault("spec", Map.of())).get("template")
          instanceof Map<?, ?> t) {
        pods.add(map(map(t).get("spec")));
      }
    }
    return pods;
  }

  /** Where a path of keys and numbers leads in maps and lists. */
  static Object at(Object node, Object... path) {
    Object found = node;
    for (Object step : path) {
      found = step instanceof Integer i ? ((List<?>) found).get(i) : map(found).get(step);
      if (found == null) {
        throw new IllegalStateException("no " + step + " in " + List.of(path));
      }
    }
    return found;
  }

  static List<Map<String, Object>> list(Object node) {
    return ((List<?>) node).stream().map(ComposeFile::map).toList();
  }
}
