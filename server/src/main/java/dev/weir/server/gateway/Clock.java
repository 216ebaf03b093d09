// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

/** Tells the time of answers that no decision dates: microseconds since 1970. */
@FunctionalInterface
public interface Clock {
  long micros();
}
