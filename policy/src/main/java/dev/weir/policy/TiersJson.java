// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a JSON file of tiers, users, API keys and a Redis says.
 *
 * @param catalog one policy over the tiers, and the state {@code degraded}
 * @param users the tier of each user
 * @param apiKeys the user of each API key, which is a secret
 * @param redis where counters are to be kept, if it says
 */
public record TiersJson(
    PolicyCatalog catalog,
    Map<String, String> users,
    Map<String, String> apiKeys,
    Optional<Redis> redis) {

  /**
   * A Redis; what the file does not say is empty.
   *
   * @param timeoutSeconds after which it is not waited for
   */
  public record Redis(
      String host, OptionalInt port, OptionalInt database, Optional<BigDecimal> timeoutSeconds) {}

  public TiersJson {
    requireNonNull(catalog, "catalog");
    users = Map.copyOf(users);
    apiKeys = Map.copyOf(apiKeys);
    requireNonNull(redis, "redis");
  }

  /** How much there is; not the keys. */
  @Override
  public String toString() {
    return "TiersJson[" + catalog + ", users=" + users.size() + ", keys=" + apiKeys.size() + "]";
  }
}
