// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import static java.util.Objects.requireNonNull;

import dev.weir.server.identity.Ban;
import dev.weir.server.identity.Callers;
import dev.weir.server.identity.Presented;
import dev.weir.server.wire.Answers;
import dev.weir.server.wire.ByteWriter;
import dev.weir.server.wire.Call;
import dev.weir.server.wire.Problem;
import dev.weir.server.wire.SecurityLog;
import io.vertx.core.http.HttpHeaders;
import java.util.Locale;
import java.util.Optional;

/**
 * Lets requests in: finds out whose they are, and refuses those of banned addresses and those with
 * a bad API key. Used by one event loop.
 */
final class Entrance {

  private final Callers callers;
  private final Optional<Answer> banned;
  private final SecurityLog security;
  private final String listener;
  private final ByteWriter out;

  Entrance(Callers callers, Gateway.Settings settings, SecurityLog security, ByteWriter out) {
    this.callers = requireNonNull(callers, "callers");
    this.banned = settings.banned();
    this.listener = settings.listener();
    this.security = requireNonNull(security, "security");
    this.out = out;
  }

  /**
   * Identifies a request.
   *
   * @return whether it may go on; if not, it is answered or will be
   */
  boolean admits(Route route, Exchange exchange) {
    Route.Identification identification = route.identity();
    if (callers.anyBanned() && route.countsCallers()) {
      Optional<Ban> ban = callers.ban(exchange.address());
      if (ban.isPresent()) {
        security.alert(SecurityLog.Event.IP_BLOCKED, exchange.address(), listener);
        refuse(exchange, ban.get());
        return false;
      }
    }
    for (IdentitySource source : identification.sources()) {
      if (source.from() == IdentitySource.From.API_KEY) {
        Presented presented = callers.present(exchange.call.header(source.name()));
        switch (presented) {
          case Presented.Caller caller -> {
            exchange.called(caller);
            return allows(identification, exchange, caller);
          }
          case Presented.Refused refused -> {
            if (refused != Presented.Refused.MISSING) {
              refuse(identification, exchange, refused);
              return false;
            }
          }
        }
      } else {
        Optional<Identity> identity = source.identity(exchange);
        if (identity.isPresent()) {
          exchange.identified(identity.get());
          return true;
        }
      }
    }
    if (identification.absent().isPresent()) {
      identification.absent().get().send(exchange, out);
      return false;
    }
    return true;
  }

  private boolean allows(
      Route.Identification identification, Exchange exchange, Presented.Caller caller) {
    Optional<String> scope = identification.scope();
    if (scope.isEmpty() || caller.key().allows(scope.get())) {
      return true;
    }
    answer(
        exchange,
        identification.refusals().forbidden(),
        Problem.of(403, "API key: it lacks the scope " + scope.get()));
    return false;
  }

  private void refuse(
      Route.Identification identification, Exchange exchange, Presented.Refused refused) {
    boolean guessed =
        refused == Presented.Refused.MALFORMED || refused == Presented.Refused.UNKNOWN;
    if (!guessed) {
      answer(identification, exchange, refused);
      return;
    }
    security.alert(
        SecurityLog.Event.INVALID_KEY,
        exchange.address(),
        listener,
        refused.name().toLowerCase(Locale.ROOT));
    exchange.call.await(
        callers.invalid(exchange.address()),
        (ban, error) -> {
          if (ban != null && ban.isPresent()) {
            refuse(exchange, ban.get());
          } else {
            answer(identification, exchange, refused);
          }
        });
  }

  private void answer(
      Route.Identification identification, Exchange exchange, Presented.Refused refused) {
    Route.Refusals refusals = identification.refusals();
    switch (refused) {
      case MISSING, EMPTY -> answer(exchange, refusals.empty(), Problem.of(401, "API key: none"));
      case MALFORMED ->
          answer(exchange, refusals.malformed(), Problem.of(400, "API key: malformed"));
      case TOO_EARLY -> {
        exchange.call.field(Answers.RETRY_AFTER, "1");
        answer(exchange, Optional.empty(), Problem.of(503, "API keys: not loaded yet"));
      }
      case UNKNOWN, ENDED ->
          answer(exchange, refusals.unknown(), Problem.of(401, "API key: unknown"));
    }
  }

  private void refuse(Exchange exchange, Ban ban) {
    Call call = exchange.call;
    long seconds = ban.secondsLeft(exchange.nowMicros() / 1_000);
    exchange.banned(seconds);
    call.field(Answers.RETRY_AFTER, Long.toString(seconds));
    answer(exchange, banned, Problem.of(429, "address: banned"));
  }

  private void answer(Exchange exchange, Optional<Answer> answer, Problem otherwise) {
    Call call = exchange.call;
    call.field(HttpHeaders.CACHE_CONTROL, Answers.NO_STORE);
    if (answer.isPresent()) {
      answer.get().send(exchange, out);
    } else {
      call.problem(otherwise);
    }
  }
}
