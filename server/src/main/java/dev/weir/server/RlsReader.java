// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.policy.Fields;
import dev.weir.policy.Node;
import dev.weir.server.gateway.Answer;
import dev.weir.server.gateway.AnswerReader;
import dev.weir.server.rls.DeniedBody;
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

  private static final int TOO_MANY_REQUESTS = 429;

  private RlsReader() {}

  static RlsSettings read(Node node) {
    Fields fields = node.fields();
    boolean limitHeaders = fields.truth("limit-headers").orElse(false);
    boolean problem = fields.truth("problem").orElse(false);
    Optional<DeniedBody> denied = fields.node("denied").flatMap(RlsReader::denied);
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
    return new RlsSettings(limitHeaders, problem, denied, metadata, chargesAll);
  }

  /** Written as the gateway's answers are; only what a decision knows can stand in it. */
  private static Optional<DeniedBody> denied(Node node) {
    Answer answer = AnswerReader.answer(node, TOO_MANY_REQUESTS);
    if (answer.status() != TOO_MANY_REQUESTS || !answer.headers().isEmpty()) {
      node.report("status or headers (expected: json, or body and content-type)");
    }
    return answer
        .body()
        .flatMap(
            content -> {
              try {
                return Optional.of(
                    DeniedBody.of(content.mediaType(), content.json(), content.text().toString()));
              } catch (IllegalArgumentException e) {
                node.report(String.valueOf(e.getMessage()));
                return Optional.empty();
              }
            });
  }

  private static boolean chargesAll(Node node) {
    Fields domain = node.fields();
    Charge charge = domain.choice("charge", Charge.class).orElse(Charge.TOGETHER);
    domain.done();
    return charge == Charge.ALL;
  }
}
