// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import java.util.Locale;

/** What somebody may do; each may do what those before it may. */
public enum Role {
  /** See everything that is no secret. */
  VIEWER,
  /** Change counters, bans, load states and API keys. */
  OPERATOR,
  /** Change everything. */
  ADMIN;

  /** Whether it may do what another may. */
  boolean includes(Role other) {
    return compareTo(other) >= 0;
  }

  /** Its name in configurations and answers. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
