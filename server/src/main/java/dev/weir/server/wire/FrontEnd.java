// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import io.vertx.core.http.HttpServerRequest;

/** One of the things that a listener serves. Used by one event loop. */
@FunctionalInterface
public interface FrontEnd {

  /**
   * Answers a request, now or later, if its path is one of this front end's.
   *
   * @param path the path of the request's target, as it was sent
   * @return whether the request is taken
   */
  boolean handle(HttpServerRequest request, String path, Connection connection);
}
