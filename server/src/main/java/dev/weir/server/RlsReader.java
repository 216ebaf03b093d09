// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.policy.Fields;
import dev.weir.policy.Node;
import dev.weir.server.rls.RlsSettings;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Reads what Envoy's rate limit service answers. */
final class RlsReader {

  /** How the descriptors of one request are charged. */
  private enum Charge {
    TOGETHER,
    ALL
  }

  private RlsReader() {}

  static RlsSettings read(Node node) {
    Fields fields = node.fields();
    boolean limitHeaders = fields.truth("limit-headers").orElse(false);
    boolean problem = fields.truth("problem").orElse(false);
    boolean metadata = fields.truth("metadata").orElse(false);
    Set<String> chargesAll = new HashSet<>();
    Optional<Fields> domains = fields.node("domains").map(Node::fields);
    if (domains.isPresent()) {
      for (String name : domains.get().names()) {
        domains
            .get()
            .node(name)
            .filter(RlsReader::chargesAll)
            .ifPresent(all -> chargesAll.add(name));
      }
    }
    fields.done();
    return new RlsSettings(limitHeaders, problem, metadata, chargesAll);
  }

  private static boolean chargesAll(Node node) {
    Fields domain = node.fields();
    Charge charge = domain.choice("charge", Charge.class).orElse(Charge.TOGETHER);
    domain.done();
    return charge == Charge.ALL;
  }
}
