// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Algorithm;
import dev.weir.core.Condition;
import dev.weir.core.Factor;
import dev.weir.core.Priority;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What changes while the system is in a state other than normal.
 *
 * @param name 1..64 lower-case letters, digits, {@code _}, {@code .}, {@code -}; not {@code normal}
 * @param shed requests of this priority and below are denied; at most {@link Priority#HIGH}
 * @param overrides other limits for some; of each policy's, the first whose conditions hold applies
 */
public record LoadState(String name, Optional<Priority> shed, List<LoadState.Change> overrides) {

  static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,63}");
  private static final int MAX_OVERRIDES = 256;

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public LoadState {
    requireNonNull(name, "name");
    if (!NAME.matcher(name).matches() || name.equals(PolicyCatalog.NORMAL)) {
      throw new IllegalArgumentException(
          "state \""
              + name
              + "\" (expected: 1..64 lower-case letters, digits, '_', '.', '-'; not normal, which is"
              + " always there)");
    }
    if (requireNonNull(shed, "shed").filter(Priority.CRITICAL::equals).isPresent()) {
      throw new IllegalArgumentException(
          "shed: \"critical\" (expected: low, normal or high; critical requests are never shed)");
    }
    overrides = List.copyOf(overrides);
    if (overrides.size() > MAX_OVERRIDES) {
      throw new IllegalArgumentException(
          "overrides: " + overrides.size() + " (expected: at most " + MAX_OVERRIDES + ")");
    }
  }

  /**
   * Other limits for some, on top of what applies to them in normal times.
   *
   * @param domain only policies of this domain
   * @param tier only members of this tier
   * @param conditions all of which must hold
   * @param limits rates in place of those of the limits of these names
   * @param multiply factor for the limits that are not replaced
   */
  public record Change(
      Optional<String> domain,
      Optional<String> tier,
      List<Condition> conditions,
      Map<String, Algorithm> limits,
      Factor multiply) {
    public Change {
      requireNonNull(domain, "domain");
      requireNonNull(tier, "tier");
      conditions = List.copyOf(conditions);
      limits = Collections.unmodifiableMap(new LinkedHashMap<>(limits));
      requireNonNull(multiply, "multiply");
    }
  }
}
