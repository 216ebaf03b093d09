// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import dev.weir.core.Descriptor;
import dev.weir.core.Lease;
import dev.weir.core.Limit;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Reads what limits may be leased: {@code true}, {@code false}, or a mapping of {@code permits} and
 * {@code lifetime}, each of which may be left out.
 */
public final class LeaseReader {

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private LeaseReader() {}

  /**
   * What the value makes of a limit; a problem if it is no such value. The change refuses a limit
   * that cannot be leased so.
   */
  public static Optional<UnaryOperator<Limit>> change(Node node) {
    if (node.kind() == Node.Kind.SCALAR) {
      return node.truth().map(leased -> leased ? Limit::leased : Limit::unleased);
    }
    Fields fields = node.fields();
    Optional<Long> permits = fields.integer("permits", 1, Descriptor.MAX_COST);
    Optional<Duration> lifetime = fields.duration("lifetime", SHORTEST, LONGEST);
    boolean wrong =
        (fields.node("permits").isPresent() && permits.isEmpty())
            || (fields.node("lifetime").isPresent() && lifetime.isEmpty());
    fields.done();
    return wrong || node.kind() != Node.Kind.MAPPING
        ? Optional.empty()
        : Optional.of(limit -> leased(limit, permits, lifetime));
  }

  private static Limit leased(Limit limit, Optional<Long> permits, Optional<Duration> lifetime) {
    Lease usual = limit.leased().lease().orElseThrow();
    return limit.leased(
        new Lease(permits.orElse(usual.permits()), lifetime.orElse(usual.lifetime())));
  }
}
