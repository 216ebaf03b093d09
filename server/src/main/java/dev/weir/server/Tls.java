// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a listener that speaks TLS is made of.
 *
 * @param certificate the file of its certificate, with those between it and the authority's
 * @param privateKey the file of the certificate's key
 * @param clientCa the file of the authorities whose certificates clients may show
 * @param clientAuth whether they have to
 * @param protocols the versions it speaks, at least one
 * @param handshakeDeadline time for a handshake, from the connection's start
 */
public record Tls(
    Path certificate,
    Path privateKey,
    Optional<Path> clientCa,
    ClientAuth clientAuth,
    List<Protocol> protocols,
    Duration handshakeDeadline) {

  static final Duration DEFAULT_HANDSHAKE = Duration.ofSeconds(10);

  /** What is asked of a client. */
  public enum ClientAuth {
    /** No certificate. */
    NONE,
    /** A certificate is asked for; whoever shows none is served, a wrong one is refused. */
    REQUESTED,
    /** Without a valid certificate there is no connection. */
    REQUIRED
  }

  /** A version of TLS; older ones are broken. */
  public enum Protocol {
    TLS_1_2("TLSv1.2"),
    TLS_1_3("TLSv1.3");

    private final String word;

    Protocol(String word) {
      this.word = word;
    }

    /** Its name. */
    public String word() {
      return word;
    }

    /**
     * @throws IllegalArgumentException if no version is called so
     */
    static Protocol of(String text) {
      for (Protocol protocol : values()) {
        if (protocol.word.equalsIgnoreCase(text)) {
          return protocol;
        }
      }
      throw new IllegalArgumentException("protocol (expected: TLSv1.2 or TLSv1.3)");
    }
  }

  public Tls {
    requireNonNull(certificate, "certificate");
    requireNonNull(privateKey, "privateKey");
    requireNonNull(clientCa, "clientCa");
    requireNonNull(clientAuth, "clientAuth");
    requireNonNull(handshakeDeadline, "handshakeDeadline");
    protocols = List.copyOf(protocols);
    if (protocols.isEmpty()) {
      throw new IllegalArgumentException("protocols: none (expected: TLSv1.2, TLSv1.3)");
    }
    if ((clientAuth == ClientAuth.NONE) == clientCa.isPresent()) {
      throw new IllegalArgumentException(
          "client-auth: " + clientAuth + " (expected: with client-ca, and only with it)");
    }
  }

  /** The files that it is read from. */
  List<Path> files() {
    List<Path> files = new ArrayList<>(List.of(certificate, privateKey));
    clientCa.ifPresent(files::add);
    return files;
  }
}
