// SPDX-License-Identifier: Apache-2.0
/** Decisions as Micrometer's meters. */
module dev.weir.micrometer {
  requires transitive dev.weir.core;
  requires transitive micrometer.core;
  requires static org.jspecify;

  exports dev.weir.micrometer;
}
