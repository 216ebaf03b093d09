// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.policy.Document;
import dev.weir.policy.InvalidFileException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and private keys in PEM (RFC 7468). What is wrong is told without anything that the
 * file holds.
 */
final class Pem {

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
  private static final String CERTIFICATE = "CERTIFICATE";
  private static final String KEY = "PRIVATE KEY";
  private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "EdDSA");

  /** A block between two lines of dashes; its text is Base64. */
  private record Block(String label, String text) {
    byte[] bytes() {
      try {
        return Base64.getMimeDecoder().decode(text);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(label + ": not Base64", e);
      }
    }
  }

  private Pem() {}

  /**
   * The certificates of a file, in its order.
   *
   * @throws IllegalArgumentException if there is none, or the file cannot be used
   */
  static List<X509Certificate> certificates(Path file) {
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Block block : blocks(file)) {
        if (block.label.equals(CERTIFICATE)) {
          certificates.add(
              (X509Certificate)
                  factory.generateCertificate(new ByteArrayInputStream(block.bytes())));
        }
      }
    } catch (CertificateException e) {
      throw new IllegalArgumentException("a certificate that cannot be read", e);
    }
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException("no certificate (expected: BEGIN CERTIFICATE)");
    }
    return certificates;
  }

  /**
   * The private key of a file.
   *
   * @throws IllegalArgumentException if there is none, or the file cannot be used
   */
  static PrivateKey privateKey(Path file) {
    for (Block block : blocks(file)) {
      if (block.label.equals(KEY)) {
        return privateKey(block.bytes());
      }
      if (block.label.endsWith(KEY)) {
        throw new IllegalArgumentException(
            "a key in the form "
                + block.label
                + " (expected: BEGIN PRIVATE KEY, which openssl pkcs8 -topk8 -nocrypt makes)");
      }
    }
    throw new IllegalArgumentException("no key (expected: BEGIN PRIVATE KEY)");
  }

  private static PrivateKey privateKey(byte[] bytes) {
    // The encoding names its algorithm: the factory of any other refuses it.
    return KEY_ALGORITHMS.stream()
        .flatMap(algorithm -> privateKey(algorithm, bytes).stream())
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "a key that cannot be read (expected: EC, RSA or Ed25519)"));
  }

  private static Optional<PrivateKey> privateKey(String algorithm, byte[] bytes) {
    try {
      return Optional.of(
          KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(bytes)));
    } catch (InvalidKeySpecException another) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + algorithm, e);
    }
  }

  /** Whether a private and a public key are a pair: what one signs, the other verifies. */
  static boolean pair(PrivateKey privateKey, PublicKey publicKey) {
    String algorithm =
        switch (privateKey.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> "EdDSA";
        };
    byte[] text = "weir".getBytes(StandardCharsets.US_ASCII);
    try {
      Signature signing = Signature.getInstance(algorithm);
      signing.initSign(privateKey);
      signing.update(text);
      Signature verifying = Signature.getInstance(algorithm);
      verifying.initVerify(publicKey);
      verifying.update(text);
      return verifying.verify(signing.sign());
    } catch (GeneralSecurityException differentKinds) {
      return false;
    }
  }

  private static List<Block> blocks(Path file) {
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text(file));
    while (matcher.find()) {
      blocks.add(new Block(matcher.group(1), matcher.group(2)));
    }
    return blocks;
  }

  private static String text(Path file) {
    try {
      return Document.text(file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("no such file", e);
    } catch (AccessDeniedException e) {
      throw new IllegalArgumentException("cannot be read: access denied", e);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot be read: " + e.getMessage(), e);
    } catch (InvalidFileException e) {
      throw new IllegalArgumentException(e.problems().getFirst().message(), e);
    }
  }
}
