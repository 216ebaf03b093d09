// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.policy.Fields;
import dev.weir.policy.Node;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads what a configuration says of TLS, and the files that it names. */
final class TlsReader {

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofHours(1);

  private final Path file;

  /**
   * @param file the configuration, which names of files are relative to
   */
  TlsReader(Path file) {
    this.file = file;
  }

  Optional<Tls> read(Node node) {
    Fields fields = node.fields();
    Optional<Path> certificate = fields.required("certificate").flatMap(this::path);
    Optional<Path> privateKey = fields.required("private-key").flatMap(this::path);
    Optional<Path> clientCa = fields.node("client-ca").flatMap(this::path);
    Optional<Node> clientAuth = fields.node("client-auth");
    Optional<Tls.ClientAuth> asked = clientAuth.flatMap(n -> n.choice(Tls.ClientAuth.class));
    List<Tls.Protocol> protocols =
        fields.items("protocols").stream()
            .flatMap(item -> item.convert(Tls.Protocol::of).stream())
            .distinct()
            .toList();
    Optional<Duration> deadline = fields.duration("handshake-deadline", SHORTEST, LONGEST);
    fields
        .node("protocols")
        .filter(list -> list.items().isEmpty())
        .ifPresent(list -> list.expect("TLSv1.2, TLSv1.3"));
    fields.done();
    Tls.ClientAuth auth =
        asked.orElse(clientCa.isPresent() ? Tls.ClientAuth.REQUIRED : Tls.ClientAuth.NONE);
    if ((auth == Tls.ClientAuth.NONE) == clientCa.isPresent()) {
      clientAuth.orElse(node).expect("none without client-ca, requested or required with it");
      return Optional.empty();
    }
    if (certificate.isEmpty() || privateKey.isEmpty()) {
      return Optional.empty();
    }
    Tls tls =
        new Tls(
            certificate.get(),
            privateKey.get(),
            clientCa,
            auth,
            protocols.isEmpty() ? List.of(Tls.Protocol.values()) : protocols,
            deadline.orElse(Tls.DEFAULT_HANDSHAKE));
    return readable(tls, node, fields) ? Optional.of(tls) : Optional.empty();
  }

  /** Whether the files can be used; what is wrong is told where the configuration names them. */
  private static boolean readable(Tls tls, Node node, Fields fields) {
    try {
      TlsFiles.read(tls);
      return true;
    } catch (TlsFiles.InvalidException e) {
      fields.node(e.field()).orElse(node).report(e.file() + ": " + e.getMessage());
      return false;
    }
  }

  private Optional<Path> path(Node node) {
    Optional<String> name = node.text().filter(text -> !text.isEmpty());
    if (name.isEmpty()) {
      node.expect("the name of a file");
    }
    return name.map(text -> file.toAbsolutePath().resolveSibling(text));
  }
}
