// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The rules and dashboards of {@code deploy/monitoring}. */
final class MonitoringFiles {

  private static final Path FOLDER = Machine.ROOT.resolve("deploy/monitoring");
  private static final Pattern LEGEND = Pattern.compile("\\{\\{(\\w+)}}");

  private MonitoringFiles() {}

  /**
   * An expression.
   *
   * @param where it stands
   * @param alert whether it finds nothing where all is well
   * @param legend the labels that its lines are named by
   */
  record Named(String where, String expression, boolean alert, Set<String> legend) {
    @Override
    public String toString() {
      return where;
    }
  }

  /** Every expression of every file. */
  static List<Named> everything() throws IOException {
    List<Named> all = new ArrayList<>();
    for (Map<?, ?> rule : rules()) {
      boolean alert = rule.containsKey("alert");
      all.add(
          new Named(
              String.valueOf(rule.get(alert ? "alert" : "record")),
              String.valueOf(rule.get("expr")),
              alert,
              Set.of()));
    }
    try (Stream<Path> dashboards = Files.list(FOLDER.resolve("grafana/dashboards"))) {
      for (Path file : dashboards.sorted().toList()) {
        // JSON is YAML.
        Map<?, ?> dashboard = (Map<?, ?>) load(file);
        for (Object each : (List<?>) dashboard.get("panels")) {
          panel(file.getFileName() + ": ", (Map<?, ?>) each, all);
        }
        Map<?, ?> annotations = (Map<?, ?>) dashboard.get("annotations");
        for (Object each : (List<?>) annotations.get("list")) {
          Map<?, ?> annotation = (Map<?, ?>) each;
          all.add(
              new Named(
                  file.getFileName() + ": annotation " + annotation.get("name"),
                  String.valueOf(annotation.get("expr")),
                  true,
                  Set.of()));
        }
      }
    }
    return all;
  }

  private static void panel(String file, Map<?, ?> panel, List<Named> all) {
    Object targets = panel.get("targets");
    for (Object each : targets == null ? List.of() : (List<?>) targets) {
      Map<?, ?> target = (Map<?, ?>) each;
      Set<String> legend = new TreeSet<>();
      LEGEND
          .matcher(String.valueOf(target.get("legendFormat")))
          .results()
          .forEach(label -> legend.add(label.group(1)));
      all.add(
          new Named(file + panel.get("title"), String.valueOf(target.get("expr")), false, legend));
    }
  }

  static Set<String> recorded() throws IOException {
    Set<String> names = new HashSet<>();
    for (Map<?, ?> rule : rules()) {
      if (rule.containsKey("record")) {
        names.add(String.valueOf(rule.get("record")));
      }
    }
    return names;
  }

  static List<String> alerts() throws IOException {
    List<String> names = new ArrayList<>();
    for (Map<?, ?> rule : rules()) {
      if (rule.containsKey("alert")) {
        names.add(String.valueOf(rule.get("alert")));
      }
    }
    return names;
  }

  private static List<Map<?, ?>> rules() throws IOException {
    List<Map<?, ?>> rules = new ArrayList<>();
    for (String file : List.of("rules/recording.yml", "rules/alerts.yml")) {
      Map<?, ?> loaded = (Map<?, ?>) load(FOLDER.resolve(file));
      for (Object group : (List<?>) loaded.get("groups")) {
        for (Object rule : (List<?>) ((Map<?, ?>) group).get("rules")) {
          rules.add((Map<?, ?>) rule);
        }
      }
    }
    return rules;
  }

  private static Object load(Path file) throws IOException {
    return new Load(LoadSettings.builder().setLabel(file.toString()).build())
        .loadFromString(Files.readString(file, UTF_8));
  }
}
