// SPDX-License-Identifier: Apache-2.0
/** Policy files in YAML and JSON: read, checked, watched and written. */
module dev.weir.policy {
  requires transitive dev.weir.core;
  requires static org.jspecify;
  requires org.snakeyaml.engine;

  exports dev.weir.policy;
  exports dev.weir.policy.envoy;
}
