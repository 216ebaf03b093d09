// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import dev.weir.policy.Fields;
import dev.weir.policy.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads what proxies that ask before they forward are answered. */
public final class AuthReader {

  private AuthReader() {}

  /** The settings of a mapping; what is wrong with them is noted and left out. */
  public static AuthSettings settings(Node node) {
    Fields fields = node.fields();
    int denied =
        fields.integer("denied-status", 400, 599).map(Long::intValue).orElse(AuthQuery.OWN_STATUS);
    AuthSettings.Told told =
        fields.choice("told-by", AuthSettings.Told.class).orElse(AuthSettings.Told.ANY);
    List<Route> rules = new ArrayList<>();
    for (Node item : fields.items("rules")) {
      rule(item).ifPresent(rules::add);
    }
    fields.done();
    return new AuthSettings(denied, told, rules);
  }

  private static Optional<Route> rule(Node node) {
    Optional<Route> rule = RouteReader.rule(node);
    if (rule.filter(read -> read.identity().byCertificate()).isPresent()) {
      node.report("identity: certificate (expected: another source: a proxy shows its own)");
      return Optional.empty();
    }
    if (rule.flatMap(Route::denied).filter(answer -> answer.status() < 400).isPresent()) {
      node.report("denied.status: a proxy takes it for an admission (expected: 400..599)");
      return Optional.empty();
    }
    return rule;
  }
}
