// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * Users and API keys that configuration files name. They cannot be changed but by the files;
 * records of the same names go before them.
 *
 * @param tiers the tier of each user
 * @param keys the user of each key
 */
public record Configured(Map<String, String> tiers, Map<String, String> keys) {

  /** Nobody. */
  public static final Configured NONE = new Configured(Map.of(), Map.of());

  public Configured {
    tiers = Map.copyOf(requireNonNull(tiers, "tiers"));
    keys = Map.copyOf(requireNonNull(keys, "keys"));
  }

  /** How many; keys are secrets. */
  @Override
  public String toString() {
    return tiers.size() + " users, " + keys.size() + " keys";
  }
}
