// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.core.FixedWindow;
import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.ValuePattern;
import dev.weir.policy.PolicyCatalog;
import dev.weir.simulation.SuggestionWish;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of suggested limits. */
final class SuggestOptions {

  @Option(
      names = "--suggest",
      description = "Print policies whose limits have room for what was asked for.")
  private boolean suggest;

  @Option(
      names = "--by",
      paramLabel = "KEY,...",
      description = "What suggested limits count by, without --policy. Default: ip.")
  private @Nullable String by;

  @Option(
      names = "--window",
      paramLabel = "TIME",
      description = "Over what demand is looked at; may be repeated. Default: 1s, 1m and 1h.")
  private List<String> windows = new ArrayList<>();

  @Option(
      names = "--percentile",
      paramLabel = "P",
      description = "Of a key's windows how many have room. Default: 99.9.")
  private double percentile = SuggestionWish.USUAL.percentile();

  @Option(
      names = "--headroom",
      paramLabel = "PERCENT",
      description = "How much more is allowed than that. Default: 30.")
  private double headroom = SuggestionWish.USUAL.headroomPercent();

  boolean wanted() {
    return suggest;
  }

  SuggestionWish wish() {
    List<Duration> lengths =
        windows.isEmpty()
            ? SuggestionWish.USUAL.windows()
            : windows.stream().map(text -> LogOptions.time("--window", text)).toList();
    try {
      return new SuggestionWish(lengths, percentile, headroom);
    } catch (IllegalArgumentException e) {
      throw Failure.usage("--" + e.getMessage());
    }
  }

  /** What is looked at where no policy says so: one that counts by some entries. */
  Optional<PolicyCatalog> policies(@Nullable String domain) {
    if (!suggest) {
      return Optional.empty();
    }
    List<String> keys = List.of((by == null ? "ip" : by).split(",", -1));
    try {
      Policy.Builder policy =
          Policy.named("per-" + String.join("-", keys)).domain(domain == null ? "web" : domain);
      for (String key : keys) {
        policy.match(key, ValuePattern.any()).key(key);
      }
      // Its limits are those that the suggestion puts in their place.
      policy.limit(Limit.of("any", new FixedWindow(1, Duration.ofSeconds(1))));
      return Optional.of(PolicyCatalog.of(PolicySet.of(List.of(policy.build()))));
    } catch (IllegalArgumentException e) {
      throw Failure.usage("--by: " + e.getMessage());
    }
  }
}
