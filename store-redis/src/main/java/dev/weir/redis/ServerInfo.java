// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a server says of itself.
 *
 * @param version its name and version, if it says
 * @param run what tells this process of a server from every other, if it says
 * @param lineage what tells the history of its writes from every other, if it says
 * @param cluster whether it is part of a cluster
 * @param replica whether it follows another server
 * @param warnings what an operator ought to change
 */
record ServerInfo(
    Optional<String> version,
    Optional<String> run,
    Optional<String> lineage,
    boolean cluster,
    boolean replica,
    List<String> warnings) {

  /** Whether it is known to be the same process: it has forgotten nothing. */
  boolean sameAs(ServerInfo other) {
    return run.isPresent() && run.equals(other.run);
  }

  /** Reads an answer to INFO; of none, nothing is known. */
  static ServerInfo of(@Nullable String text) {
    Map<String, String> fields = new HashMap<>();
    if (text != null) {
      for (String line : text.split("\r?\n", -1)) {
        int colon = line.indexOf(':');
        if (colon > 0) {
          fields.put(line.substring(0, colon), line.substring(colon + 1));
        }
      }
    }
    return new ServerInfo(
        version(fields),
        Optional.ofNullable(fields.get("run_id")),
        Optional.ofNullable(fields.get("master_replid")),
        "cluster".equals(fields.get("redis_mode")) || "1".equals(fields.get("cluster_enabled")),
        "slave".equals(fields.get("role")) || "replica".equals(fields.get("role")),
        warnings(fields));
  }

  private static Optional<String> version(Map<String, String> fields) {
    String valkey = fields.get("valkey_version");
    return valkey != null
        ? Optional.of("valkey " + valkey)
        : Optional.ofNullable(fields.get("redis_version")).map(version -> "redis " + version);
  }

  private static List<String> warnings(Map<String, String> fields) {
    String policy = fields.getOrDefault("maxmemory_policy", "noeviction");
    return policy.equals("noeviction")
        ? List.of()
        : List.of(
            "maxmemory-policy is "
                + policy
                + " (expected: noeviction; a counter that is evicted admits its whole limit again)");
  }
}
