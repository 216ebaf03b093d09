// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Which metrics and labels an expression of PromQL names. It knows no grammar: a metric is a word
 * that is no function, keyword, label or number, which holds for the expressions of this folder and
 * errs on the side of naming too much.
 */
final class PromQuery {

  private static final Set<String> WORDS =
      Set.of(
          "sum",
          "min",
          "max",
          "count",
          "topk",
          "by",
          "rate",
          "increase",
          "changes",
          "and",
          "or",
          "absent",
          "time",
          "vector",
          "histogram_quantile",
          "label_values");
  private static final Pattern GROUPED = Pattern.compile("\\bby\\s*\\(([^)]*)\\)");
  private static final Pattern METRIC =
      Pattern.compile("(?<![\\w.$\\[:])([a-zA-Z_][\\w:]*)(?:\\{([^}]*)})?");
  private static final Pattern LABEL = Pattern.compile("(\\w+)\\s*(?:=~|!=|=|!~)\\s*\"");

  private PromQuery() {}

  /** A metric and the labels that it is chosen by. */
  record Selector(String metric, Set<String> labels) {}

  static List<Selector> selectors(String expression) {
    String plain = GROUPED.matcher(expression).replaceAll("by ").replaceAll("\\[[^]]*]", "");
    List<Selector> selectors = new ArrayList<>();
    for (MatchResult found : METRIC.matcher(plain).results().toList()) {
      if (!WORDS.contains(found.group(1))) {
        Set<String> labels = new TreeSet<>();
        if (found.group(2) != null) {
          LABEL.matcher(found.group(2)).results().forEach(label -> labels.add(label.group(1)));
        }
        selectors.add(new Selector(found.group(1), labels));
      }
    }
    return selectors;
  }

  /** The labels that it groups by. */
  static Set<String> grouped(String expression) {
    Set<String> labels = new TreeSet<>();
    for (MatchResult found : GROUPED.matcher(expression).results().toList()) {
      labels.addAll(List.of(found.group(1).split(",\\s*")));
    }
    labels.remove("le");
    return labels;
  }
}
