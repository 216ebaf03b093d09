// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static dev.weir.server.TlsTest.configuration;
import static dev.weir.server.TlsTest.tls;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.weir.policy.InvalidFileException;
import dev.weir.redis.fixtures.TestCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a configuration says of TLS, and the files that it names. */
class TlsFilesTest {

  @TempDir static Path folder;
  private static TestCertificates certificates;
  private static TestCertificates others;

  @BeforeAll
  static void makeCertificates() throws IOException {
    certificates = TestCertificates.in(Files.createDirectory(folder.resolve("ours")));
    others = TestCertificates.in(Files.createDirectory(folder.resolve("others")));
  }

  private static String mutual(String more) {
    return tls(certificates, ", client-ca: \"" + certificates.ca() + "\"" + more);
  }

  @Test
  void filesThatCannotBeUsed_areToldWithTheirLine() throws IOException {
    Path empty = Files.createFile(folder.resolve("empty.pem"));
    Path oldForm =
        Files.writeString(
            folder.resolve("old.pem"),
            "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
    Path missing = folder.resolve("missing.pem");
    assertProblem(
        "tls: { certificate: \"%s\", private-key: \"%s\" }"
            .formatted(missing, certificates.serverKey()),
        "tls.certificate: " + missing + ": no such file");
    assertProblem(
        "tls: { certificate: \"%s\", private-key: \"%s\" }"
            .formatted(empty, certificates.serverKey()),
        "tls.certificate: " + empty + ": no certificate (expected: BEGIN CERTIFICATE)");
    assertProblem(
        "tls: { certificate: \"%s\", private-key: \"%s\" }"
            .formatted(certificates.serverCertificate(), oldForm),
        "tls.private-key: " + oldForm + ": a key in the form RSA PRIVATE KEY (expected: BEGIN");
    assertProblem(
        "tls: { certificate: \"%s\", private-key: \"%s\" }"
            .formatted(certificates.serverCertificate(), others.serverKey()),
        "tls.private-key: "
            + others.serverKey()
            + ": not the key of "
            + certificates.serverCertificate());
    assertProblem(
        tls(certificates, ", client-auth: required"),
        "tls.client-auth: \"required\" (expected: none without client-ca");
    assertProblem(
        tls(certificates, ", protocols: [TLSv1]"),
        "tls.protocols[0]: \"TLSv1\" (expected: TLSv1.2 or TLSv1.3)");
    assertProblem(
        "tls: { certificate: \"\" }", "tls.certificate: \"\" (expected: the name of a file)");
  }

  private static void assertProblem(String listener, String message) {
    assertThatThrownBy(() -> configuration(listener))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining(":7:")
        .hasMessageContaining("listeners[0]." + message);
  }

  @Test
  void certificates_outsideTheirTime_areWarnedOf() {
    TlsFiles files =
        TlsFiles.read(configuration(mutual("")).listeners().getFirst().tls().orElseThrow());
    // They were made one after the other, perhaps in two seconds.
    X509Certificate own = files.chain().getFirst();
    X509Certificate authority = files.clientCas().getFirst();
    Instant from = authority.getNotBefore().toInstant();
    Instant expired = authority.getNotAfter().toInstant();
    Instant to = own.getNotAfter().toInstant();
    assertThat(files.warnings(expired)).isEmpty();
    assertThat(files.warnings(to.plusSeconds(1)))
        .containsExactly(
            certificates.serverCertificate() + ": CN=localhost expired " + to,
            certificates.ca() + ": CN=Weir test authority expired " + expired);
    assertThat(files.warnings(from.minusSeconds(1)))
        .hasSize(2)
        .last(STRING)
        .endsWith("is not valid before " + from);
    assertThat(files).hasToString("TlsFiles[" + files.tls() + "]");
  }

  @Test
  void tls_unlessSaid_isNewestVersionsWithoutClientCertificates() {
    Tls tls = configuration(tls(certificates, "")).listeners().getFirst().tls().orElseThrow();
    assertThat(tls)
        .isEqualTo(
            new Tls(
                certificates.serverCertificate(),
                certificates.serverKey(),
                Optional.empty(),
                Tls.ClientAuth.NONE,
                List.of(Tls.Protocol.TLS_1_2, Tls.Protocol.TLS_1_3),
                Duration.ofSeconds(10)));
    assertThat(
            configuration(mutual(", handshake-deadline: 2s"))
                .listeners()
                .getFirst()
                .tls()
                .orElseThrow())
        .extracting(Tls::clientAuth, Tls::handshakeDeadline)
        .containsExactly(Tls.ClientAuth.REQUIRED, Duration.ofSeconds(2));
  }
}
