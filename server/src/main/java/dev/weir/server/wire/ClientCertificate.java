// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import static java.util.Objects.requireNonNull;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Whom a client's certificate names, which an authority of the listener has signed.
 *
 * @param subject the common name of its subject
 * @param alternative its first alternative name that is of a host, a URI or a mailbox
 */
public record ClientCertificate(Optional<String> subject, Optional<String> alternative) {

  // RFC 5280, 4.2.1.6.
  private static final int MAILBOX = 1;
  private static final int HOST = 2;
  private static final int URI = 6;

  /** Of a connection without one. */
  public static final ClientCertificate NONE =
      new ClientCertificate(Optional.empty(), Optional.empty());

  public ClientCertificate {
    requireNonNull(subject, "subject");
    requireNonNull(alternative, "alternative");
  }

  public static ClientCertificate of(X509Certificate certificate) {
    return new ClientCertificate(subject(certificate), alternative(certificate));
  }

  private static Optional<String> subject(X509Certificate certificate) {
    try {
      List<Rdn> parts = new LdapName(certificate.getSubjectX500Principal().getName()).getRdns();
      // The narrowest comes last.
      for (int i = parts.size() - 1; i >= 0; i--) {
        if (parts.get(i).getType().equalsIgnoreCase("CN")
            && parts.get(i).getValue() instanceof String name) {
          return Optional.of(name);
        }
      }
    } catch (InvalidNameException unreadable) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static Optional<String> alternative(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      if (names == null) {
        return Optional.empty();
      }
      for (List<?> name : names) {
        if (name.get(0) instanceof Integer kind
            && (kind == MAILBOX || kind == HOST || kind == URI)
            && name.get(1) instanceof String text) {
          return Optional.of(text);
        }
      }
    } catch (CertificateParsingException unreadable) {
      return Optional.empty();
    }
    return Optional.empty();
  }
}
