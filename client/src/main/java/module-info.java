// SPDX-License-Identifier: Apache-2.0
/** A client of Weir's decision API. */
module dev.weir.client {
  requires transitive java.net.http;
  requires static org.jspecify;

  exports dev.weir.client;
}
