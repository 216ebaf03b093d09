// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * What the files of a listener's TLS held when they were read together.
 *
 * @param tls where they are
 * @param chain the listener's certificate first
 * @param key the certificate's
 * @param clientCas the authorities of clients' certificates; empty if none is asked for
 */
record TlsFiles(
    Tls tls, List<X509Certificate> chain, PrivateKey key, List<X509Certificate> clientCas) {

  private static final long SESSION_SECONDS = 3_600;
  private static final long MAX_SESSIONS = 20_000;

  TlsFiles {
    chain = List.copyOf(chain);
    clientCas = List.copyOf(clientCas);
  }

  /** Which of the files is wrong, and how. */
  static final class InvalidException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String field;
    private final String file;

    InvalidException(String field, Path file, IllegalArgumentException cause) {
      super(cause.getMessage(), cause);
      this.field = field;
      this.file = file.toString();
    }

    /** The field of the configuration that names the file. */
    String field() {
      return field;
    }

    String file() {
      return file;
    }
  }

  /**
   * Reads the files.
   *
   * @throws InvalidException if one cannot be used, or they do not belong together
   */
  static TlsFiles read(Tls tls) {
    List<X509Certificate> chain = attempt("certificate", tls.certificate(), Pem::certificates);
    PrivateKey key = attempt("private-key", tls.privateKey(), Pem::privateKey);
    if (!Pem.pair(key, chain.getFirst().getPublicKey())) {
      throw new InvalidException(
          "private-key",
          tls.privateKey(),
          new IllegalArgumentException("not the key of " + tls.certificate()));
    }
    Optional<Path> ca = tls.clientCa();
    return new TlsFiles(
        tls,
        chain,
        key,
        ca.isEmpty() ? List.of() : attempt("client-ca", ca.get(), Pem::certificates));
  }

  @FunctionalInterface
  private interface Reading<T> {
    T read(Path file);
  }

  private static <T> T attempt(String field, Path file, Reading<T> reading) {
    try {
      return reading.read(file);
    } catch (IllegalArgumentException e) {
      throw new InvalidException(field, file, e);
    }
  }

  /** What a server makes connections with. */
  SslContext context() throws SSLException {
    SslContextBuilder builder =
        SslContextBuilder.forServer(key, chain.toArray(X509Certificate[]::new))
            .sslProvider(SslProvider.JDK)
            .protocols(tls.protocols().stream().map(Tls.Protocol::word).toArray(String[]::new))
            // Authenticated ciphers with forward secrecy only, which HTTP/2 asks for anyway.
            .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
            .sessionTimeout(SESSION_SECONDS)
            .sessionCacheSize(MAX_SESSIONS)
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    ApplicationProtocolConfig.Protocol.ALPN,
                    ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                    ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                    ApplicationProtocolNames.HTTP_2,
                    ApplicationProtocolNames.HTTP_1_1));
    if (!clientCas.isEmpty()) {
      builder.trustManager(clientCas.toArray(X509Certificate[]::new));
    }
    builder.clientAuth(
        switch (tls.clientAuth()) {
          case NONE -> io.netty.handler.ssl.ClientAuth.NONE;
          case REQUESTED -> io.netty.handler.ssl.ClientAuth.OPTIONAL;
          case REQUIRED -> io.netty.handler.ssl.ClientAuth.REQUIRE;
        });
    return builder.build();
  }

  /** Until when the whole chain is good. */
  Instant notAfter() {
    Instant first = Instant.MAX;
    for (X509Certificate certificate : chain) {
      Instant end = certificate.getNotAfter().toInstant();
      first = end.isBefore(first) ? end : first;
    }
    return first;
  }

  /** What clients will not like about the certificates, though they can be used. */
  List<String> warnings(Instant now) {
    List<String> warnings = new ArrayList<>();
    warn(tls.certificate(), chain, now, warnings);
    tls.clientCa().ifPresent(ca -> warn(ca, clientCas, now, warnings));
    return warnings;
  }

  private static void warn(
      Path file, List<X509Certificate> certificates, Instant now, List<String> warnings) {
    for (X509Certificate certificate : certificates) {
      Instant from = certificate.getNotBefore().toInstant();
      Instant to = certificate.getNotAfter().toInstant();
      String subject = file + ": " + certificate.getSubjectX500Principal();
      if (now.isAfter(to)) {
        warnings.add(subject + " expired " + to);
      } else if (now.isBefore(from)) {
        warnings.add(subject + " is not valid before " + from);
      }
    }
  }

  /** Not the key. */
  @Override
  public String toString() {
    return "TlsFiles[" + tls + "]";
  }
}
