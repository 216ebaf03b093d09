// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.Set;

/**
 * What Envoy's rate limit service says beside its decisions, and in which domains it charges as the
 * reference service does.
 *
 * @param fields whether answers bring the rate limit fields of their listener, and denials {@code
 *     Retry-After} and {@code Cache-Control}
 * @param problem whether denials bring a body, {@code application/problem+json}
 * @param denied the body that denials bring instead
 * @param metadata whether answers bring dynamic metadata
 * @param chargesAll the domains in which each descriptor is charged whatever becomes of the others,
 *     and denied hits count too
 */
public record RlsSettings(
    boolean fields,
    boolean problem,
    Optional<DeniedBody> denied,
    boolean metadata,
    Set<String> chargesAll) {

  /** Decisions alone. */
  public static final RlsSettings NONE =
      new RlsSettings(false, false, Optional.empty(), false, Set.of());

  public RlsSettings {
    requireNonNull(denied, "denied");
    chargesAll = Set.copyOf(requireNonNull(chargesAll, "chargesAll"));
  }
}
