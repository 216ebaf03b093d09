// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.policy.Fields;
import dev.weir.policy.Node;
import dev.weir.server.admin.AdminSettings;
import dev.weir.server.admin.Administrator;
import dev.weir.server.admin.Role;
import dev.weir.server.wire.BearerTokens;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Reads who may administer. What is wrong is told without the text, which may be a token. */
final class AdminReader {

  private AdminReader() {}

  static AdminSettings read(Node node) {
    Fields fields = node.fields();
    AdminSettings settings =
        new AdminSettings(
            List.of(),
            fields.text("domain"),
            fields.truth("dashboard").orElse(true),
            fields.node("instance").flatMap(name -> name.convert(AdminSettings::instanceName)));
    Optional<Node> plain =
        fields
            .node("token")
            // A variable that is not set is as good as none.
            .filter(token -> token.text().filter(String::isEmpty).isEmpty());
    if (plain.isPresent()) {
      settings = with(settings, plain.get(), () -> AdminSettings.token(text(plain.get())));
    }
    Set<String> names = new HashSet<>();
    for (Node item : fields.items("tokens")) {
      settings = token(item, names, settings);
    }
    fields
        .node("tokens")
        .filter(tokens -> tokens.items().isEmpty())
        .ifPresent(tokens -> tokens.report("none (expected: at least one, or no tokens at all)"));
    fields.done();
    return settings;
  }

  private static AdminSettings token(Node item, Set<String> names, AdminSettings settings) {
    Fields fields = item.fields();
    Optional<Node> name = fields.required("name");
    Optional<Role> role = fields.required("role").flatMap(node -> node.choice(Role.class));
    Optional<Node> digest = fields.required("sha256");
    fields.done();
    if (name.isEmpty() || role.isEmpty() || digest.isEmpty()) {
      return settings;
    }
    Optional<Administrator> who = name.get().convert(text -> new Administrator(text, role.get()));
    if (who.isEmpty()) {
      return settings;
    }
    if (!names.add(who.get().name())) {
      name.get().report("expected: each name once");
    }
    return with(settings, digest.get(), () -> BearerTokens.Token.of(text(digest.get()), who.get()));
  }

  private static String text(Node node) {
    return node.text().orElse("");
  }

  private static AdminSettings with(
      AdminSettings settings, Node node, Supplier<BearerTokens.Token<Administrator>> token) {
    try {
      return settings.with(token.get());
    } catch (IllegalArgumentException e) {
      node.report(String.valueOf(e.getMessage()));
      return settings;
    }
  }
}
