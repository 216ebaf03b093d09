// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keyed hash of API keys: HMAC-SHA-256 (RFC 2104) under a secret that no record holds, so that
 * records alone tell nobody which keys were guessed right. Safe for use by any thread.
 */
final class KeyHash {

  private static final String ALGORITHM = "HmacSHA256";
  private static final int MIN_SECRET = 16;

  /** A hash. Equal ones are found equal in a time that does not depend on where they differ. */
  static final class Digest {

    static final int LENGTH = 32;

    private final byte[] bytes;

    /**
     * @param bytes 32 of them, not to be changed afterwards
     */
    private Digest(byte[] bytes) {
      if (bytes.length != LENGTH) {
        throw new IllegalArgumentException("hash: " + bytes.length + " bytes (expected: 32)");
      }
      this.bytes = bytes;
    }

    static Digest of(String hex) {
      return new Digest(HexFormat.of().parseHex(hex));
    }

    String hex() {
      return HexFormat.of().formatHex(bytes);
    }

    /** Its first 64 bits, by which it is looked up. */
    long first() {
      long first = 0;
      for (int i = 0; i < Long.BYTES; i++) {
        first = first << 8 | (bytes[i] & 0xff);
      }
      return first;
    }

    /** The first 64 bits in hexadecimal digits. */
    String id() {
      return HexFormat.of().formatHex(bytes, 0, Long.BYTES);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Digest digest && MessageDigest.isEqual(bytes, digest.bytes);
    }

    @Override
    public int hashCode() {
      return (int) first();
    }

    @Override
    public String toString() {
      return id() + "…";
    }
  }

  private final ThreadLocal<Mac> macs;

  private KeyHash(byte[] secret) {
    SecretKeySpec key = new SecretKeySpec(secret, ALGORITHM);
    this.macs = ThreadLocal.withInitial(() -> mac(key));
  }

  /**
   * The hash under a secret.
   *
   * @throws IllegalArgumentException if the secret has fewer than 16 characters
   */
  static KeyHash of(String secret) {
    if (secret.length() < MIN_SECRET) {
      throw new IllegalArgumentException(
          "secret: too short (expected: " + MIN_SECRET + " characters or more)");
    }
    return new KeyHash(secret.getBytes(StandardCharsets.UTF_8));
  }

  /** The hash under a secret that this process makes up and forgets. */
  static KeyHash random() {
    byte[] secret = new byte[Digest.LENGTH];
    new SecureRandom().nextBytes(secret);
    return new KeyHash(secret);
  }

  Digest hash(String key) {
    return new Digest(macs.get().doFinal(key.getBytes(StandardCharsets.UTF_8)));
  }

  private static Mac mac(SecretKeySpec key) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }
}
