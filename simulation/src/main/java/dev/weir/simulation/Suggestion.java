// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static java.util.Objects.requireNonNull;

import dev.weir.core.PolicySet;
import dev.weir.policy.DurationWords;
import dev.weir.policy.PolicyWriter;
import java.util.List;

/**
 * Limits that would have had room for what was asked for.
 *
 * @param wish what was wished
 * @param demands what was asked for, by policy and window
 * @param policies what is suggested
 * @param report what they would have done to the same logs
 */
public record Suggestion(
    SuggestionWish wish, List<Demand> demands, PolicySet policies, SimulationReport report) {

  public Suggestion {
    requireNonNull(wish, "wish");
    demands = List.copyOf(demands);
    requireNonNull(policies, "policies");
    requireNonNull(report, "report");
  }

  /** A policy file, with what was asked for and what it would have denied as its comments. */
  public String yaml() {
    StringBuilder out = new StringBuilder();
    SimulationReport.PolicyResult result = report.results().getFirst();
    for (Demand demand : demands) {
      comment(
          demand.policy()
              + ", within "
              + DurationWords.format(demand.window())
              + ": in half of "
              + ReportText.number(demand.windows())
              + " windows a key asked for up to "
              + ReportText.number(demand.median())
              + ", in "
              + wish.percentile()
              + " % for up to "
              + ReportText.number(demand.percentile())
              + ", at most for "
              + ReportText.number(demand.most()),
          out);
    }
    long uncounted = demands.isEmpty() ? 0 : demands.getFirst().uncounted();
    if (uncounted > 0) {
      comment(
          ReportText.number(uncounted) + " requests were of more keys than can be counted", out);
    }
    comment(
        "These limits would have denied "
            + ReportText.number(result.denied())
            + " of "
            + ReportText.number(result.requests())
            + " requests"
            + ReportText.percent(result.denied(), result.requests())
            + ".",
        out);
    return out.append(PolicyWriter.yaml(policies.policies())).toString();
  }

  private static void comment(String text, StringBuilder out) {
    out.append("# ").append(Texts.printable(text)).append('\n');
  }
}
