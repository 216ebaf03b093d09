// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import dev.weir.server.identity.Ban;
import dev.weir.server.identity.Bans;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Addresses and networks whose requests are refused. */
final class BanRoutes {

  private static final String BANS = "/v1/admin/bans";
  private static final int MAX_PAGE = 500;
  private static final int PAGE = 100;
  private static final long LONGEST_SECONDS = Duration.ofDays(3_650).toSeconds();

  private final Bans bans;

  BanRoutes(Administration administration) {
    this.bans = administration.callers().bans();
  }

  List<Route> routes() {
    return List.of(
        Route.get(BANS, Role.VIEWER, this::list).query("after", "max").blocking(),
        Route.post(BANS, Role.OPERATOR, this::create),
        Route.delete(BANS + "/{network}", Role.OPERATOR, this::lift));
  }

  private CompletionStage<Reply> list(Visit visit) {
    String after = visit.parameter("after").orElse("");
    long max = visit.parameter("max", 1, MAX_PAGE, PAGE);
    JsonArray shown = new JsonArray();
    String last = "";
    boolean more = false;
    for (Ban ban : bans.all()) {
      if (ban.network().compareTo(after) <= 0) {
        continue;
      }
      if (shown.size() == max) {
        more = true;
        break;
      }
      shown.add(Shown.ban(ban));
      last = ban.network();
    }
    JsonObject body = new JsonObject().put("bans", shown);
    return ProcessRoutes.done(Reply.ok(more ? body.put("next", last) : body));
  }

  private CompletionStage<Reply> create(Visit visit) {
    Input input = visit.input();
    String network = input.text("network");
    Optional<Duration> duration = input.optionalSeconds("durationSeconds", 1, LONGEST_SECONDS);
    String reason = input.text("reason");
    input.done();
    return bans.ban(network, duration, reason, visit.author())
        .thenApply(
            ban ->
                Reply.created(
                    BANS + "/" + URLEncoder.encode(ban.network(), StandardCharsets.UTF_8),
                    Shown.ban(ban)));
  }

  private CompletionStage<Reply> lift(Visit visit) {
    return bans.lift(visit.variable("network"), visit.author()).thenApply(ban -> Reply.nothing());
  }
}
