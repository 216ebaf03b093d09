// SPDX-License-Identifier: Apache-2.0
/** Replays access logs through the decision engine, on a clock that the log turns. */
module dev.weir.simulation {
  requires transitive dev.weir.core;
  requires transitive dev.weir.policy;
  requires static org.jspecify;
  requires com.fasterxml.jackson.core;

  exports dev.weir.simulation;
}
