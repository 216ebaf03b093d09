// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

import static java.util.Objects.requireNonNull;

import dev.weir.core.EntryPattern;
import dev.weir.core.Limit;
import dev.weir.core.Mode;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.ValuePattern;
import dev.weir.policy.RateWords;
import dev.weir.server.wire.Answers;
import dev.weir.server.wire.Connection;
import dev.weir.server.wire.FrontEnd;
import dev.weir.server.wire.Problem;
import dev.weir.server.wire.Tokens;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * {@code GET /rlconfig}: the limits in force, a line each, as the debug port of Envoy's reference
 * service tells them. Limits that it does not know are told in words.
 */
public final class ConfigPage implements FrontEnd {

  private final Supplier<PolicySet> policies;
  private final Tokens tokens;

  /**
   * @param policies those in force
   * @param tokens who may see them
   */
  public ConfigPage(Supplier<PolicySet> policies, Tokens tokens) {
    this.policies = requireNonNull(policies, "policies");
    this.tokens = requireNonNull(tokens, "tokens");
  }

  @Override
  public boolean handle(HttpServerRequest request, String path, Connection connection) {
    if (!path.equals("/rlconfig")) {
      return false;
    }
    Optional<Problem> refusal =
        tokens.open()
            ? Optional.empty()
            : tokens.refusal(request.headers().get(HttpHeaders.AUTHORIZATION), Tokens.Scope.CHECK);
    if (refusal.isPresent()) {
      Answers.problem(request, refusal.get());
    } else if (Answers.reads(request, "")) {
      request.response().putHeader(HttpHeaders.CONTENT_TYPE, Answers.TEXT);
      request.response().end(text(policies.get()));
    }
    return true;
  }

  private static String text(PolicySet set) {
    StringBuilder text = new StringBuilder();
    for (Policy policy : set.policies()) {
      String name = policy.domain() + '.' + name(policy);
      if (policy.unlimited()) {
        text.append(name).append(": unlimited\n");
      }
      for (Limit limit : policy.limits()) {
        Mode mode = policy.mode() == Mode.ENFORCED ? limit.mode() : policy.mode();
        text.append(name).append(": ").append(rate(limit));
        text.append(", shadow_mode: ").append(mode == Mode.SHADOW);
        text.append(", quota_mode: ").append(mode == Mode.QUOTA).append('\n');
      }
    }
    return text.toString();
  }

  private static String rate(Limit limit) {
    Unit unit = Unit.of(limit.algorithm());
    return unit == null
        ? "rate=" + RateWords.format(limit.algorithm())
        : "unit=" + unit + " requests_per_unit=" + limit.algorithm().limit();
  }

  private static String name(Policy policy) {
    if (policy.entries().isEmpty()) {
      return policy.name();
    }
    StringBuilder name = new StringBuilder();
    for (EntryPattern entry : policy.entries()) {
      name.append(name.isEmpty() ? "" : ".").append(entry.key());
      ValuePattern pattern =
          entry.pattern() instanceof ValuePattern.Except except
              ? except.pattern()
              : entry.pattern();
      switch (pattern) {
        case ValuePattern.Exact exact -> name.append('_').append(exact.value());
        case ValuePattern.Prefix prefix -> name.append('_').append(prefix.prefix()).append('*');
        case ValuePattern.Any any -> {}
        case ValuePattern.Cidr cidr -> name.append('_').append(cidr.network());
        case ValuePattern.PathTemplate path -> name.append('_').append(path.template());
        case ValuePattern.Except except -> name.append('_').append(except);
      }
    }
    return name.toString();
  }
}
