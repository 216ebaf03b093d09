// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.util.Locale;

/** What a listener may serve. */
public enum Surface {
  /** The routes of the gateway. */
  ROUTES,
  /** The decision API. */
  API,
  /** The hook of proxies that ask before they forward. */
  AUTH,
  /** Envoy's rate limit service over gRPC, with its health and reflection. */
  RLS,
  /** The same in JSON: {@code POST /json}, and {@code /healthcheck}. */
  RLS_JSON,
  /** The limits in force as Envoy's reference service tells them: {@code /rlconfig}. */
  RLS_DEBUG,
  /** The administration API, and beside it what {@link #ADMIN_E} serves. */
  ADMIN,
  /** The administration of profile E under {@code /admin}. */
  ADMIN_E,
  /** {@code /metrics}. */
  METRICS,
  /** {@code /health}, {@code /health/live} and {@code /health/ready}. */
  HEALTH,
  /** {@code POST /throttle}, as throttlecrab serves it. */
  THROTTLE,
  /** The Redis protocol, which is no HTTP: it is served alone. */
  RESP;

  /** Its name in configurations and logs. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
