// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

/** What a listener may serve. */
public enum Surface {
  /** The routes of the gateway. */
  ROUTES,
  /** The decision API. */
  API,
  /** The administration API. */
  ADMIN,
  /** {@code /metrics}. */
  METRICS,
  /** {@code /health}, {@code /health/live} and {@code /health/ready}. */
  HEALTH
}
