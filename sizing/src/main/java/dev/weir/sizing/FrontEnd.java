// SPDX-License-Identifier: Apache-2.0
package dev.weir.sizing;

import java.util.Locale;

/** How instances are asked. */
public enum FrontEnd {
  /** Envoy's rate limit service, one descriptor a call. */
  GRPC,
  /** The decision API, one check or several in a request. */
  HTTP;

  /** As it is written on a command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
