// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import java.util.List;

/** How this instance and its siblings are doing at this moment. */
final class LiveRoutes {

  private final Administration administration;

  LiveRoutes(Administration administration) {
    this.administration = administration;
  }

  List<Route> routes() {
    return List.of(
        Route.get(
            "/v1/admin/live",
            Role.VIEWER,
            visit ->
                ProcessRoutes.done(
                    Reply.going(call -> administration.live().join(call, visit.token())))),
        Route.get(
            "/v1/admin/instances",
            Role.VIEWER,
            visit -> administration.running().instances().thenApply(Reply::ok)));
  }
}
