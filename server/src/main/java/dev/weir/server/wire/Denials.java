// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import dev.weir.core.Decision;
import dev.weir.core.LimitState;
import dev.weir.core.Mode;
import io.vertx.core.http.HttpHeaders;
import java.util.LinkedHashSet;
import java.util.Set;

/** Denials in HTTP's own words: status, {@code Retry-After} and problem. */
public final class Denials {

  /** The status of a denial by a limit (RFC 6585). */
  public static final int TOO_MANY_REQUESTS = 429;

  private Denials() {}

  /** 429, or 503 if the store's failure or the load of the system denied rather than a limit. */
  public static int status(Decision decision) {
    return switch (decision.reason()) {
      case FAILURE_CLOSED, FAILURE_LOCAL, FAILURE_OPEN, SHED -> 503;
      case WITHIN_LIMIT, OVER_LIMIT, TOO_BIG, NO_MATCH, UNLIMITED, ALLOW_LIST, DENY_LIST ->
          TOO_MANY_REQUESTS;
    };
  }

  /** Whole seconds to wait, rounded up and at least 1; 0 if waiting does not help (R6, R8). */
  public static long retryAfterSeconds(Decision decision) {
    long micros = decision.retryAfterMicros();
    return micros == 0 ? 0 : Math.max(1, HeaderProfile.seconds(micros));
  }

  /** The denial as a problem that names the limits without room. */
  public static Problem problem(Decision decision) {
    int status = status(decision);
    Problem problem =
        status == 503
            ? new Problem(
                503,
                Problem.REDUCED_CAPACITY,
                "Temporary Reduced Capacity",
                detail(decision),
                java.util.Map.of())
            : new Problem(
                429,
                Problem.QUOTA_EXCEEDED,
                "Quota Exceeded",
                detail(decision),
                java.util.Map.of());
    return problem.with("violated-policies", violated(decision));
  }

  private static String detail(Decision decision) {
    long seconds = retryAfterSeconds(decision);
    return switch (decision.reason()) {
      case TOO_BIG -> "The request costs more than its limit can ever hold.";
      case DENY_LIST -> "The request is on a deny list.";
      case SHED -> "Requests of this priority are not served at the moment.";
      case FAILURE_OPEN, FAILURE_CLOSED, FAILURE_LOCAL ->
          "The limits cannot be judged at the moment.";
      case WITHIN_LIMIT, OVER_LIMIT, NO_MATCH, UNLIMITED, ALLOW_LIST ->
          seconds == 0
              ? "Request limit exceeded."
              : "Request limit exceeded; retry after "
                  + seconds
                  + (seconds == 1 ? " second." : " seconds.");
    };
  }

  private static Set<String> violated(Decision decision) {
    Set<String> names = new LinkedHashSet<>();
    for (LimitState state : decision.states()) {
      if (state.limit().mode() != Mode.SHADOW && !state.allowed()) {
        names.add(state.limit().name());
      }
    }
    return names;
  }

  /** Sets the status and the fields of a denial, those of the profile included. */
  public static void head(Call call, Decision decision, HeaderProfile profile) {
    call.status(status(decision));
    call.field(HttpHeaders.CACHE_CONTROL, Answers.NO_STORE);
    long seconds = retryAfterSeconds(decision);
    if (seconds > 0) {
      call.field(Answers.RETRY_AFTER, Long.toString(seconds));
    }
    profile.fields(decision, call::field);
  }
}
