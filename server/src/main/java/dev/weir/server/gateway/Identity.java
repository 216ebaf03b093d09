// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Who a request is counted as.
 *
 * @param counted what counters are keyed by: the kind, a colon and the value, or its digest if it
 *     is a secret (R18)
 * @param shown what logs and answers may show: the value, or the digest's first eight digits
 */
record Identity(String counted, String shown) {

  private static final int COUNTED_DIGITS = 32;
  private static final int SHOWN_DIGITS = 8;

  static Identity plain(String kind, String value) {
    return new Identity(kind + ':' + value, value);
  }

  static Identity secret(String kind, String value) {
    String digest = digest(value);
    return new Identity(
        kind + ':' + digest.substring(0, COUNTED_DIGITS), digest.substring(0, SHOWN_DIGITS));
  }

  private static String digest(String value) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(value.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
