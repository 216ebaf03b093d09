// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Bearer tokens (RFC 6750), known by their digests only. Immutable.
 *
 * @param <G> what a token grants
 */
public final class BearerTokens<G> {

  private static final String SCHEME = "Bearer ";
  private static final int MAX_LENGTH = 1_024;
  private static final String DIGITS = "[0-9a-fA-F]{64}";

  private final List<Token<G>> all;

  public BearerTokens(List<Token<G>> all) {
    this.all = List.copyOf(all);
  }

  /**
   * One token.
   *
   * @param <G> what it grants
   */
  public static final class Token<G> {
    private final byte[] sha256;
    private final G grant;

    private Token(byte[] sha256, G grant) {
      this.sha256 = sha256;
      this.grant = requireNonNull(grant, "grant");
    }

    /**
     * A token.
     *
     * @param sha256 the SHA-256 of its text in 64 hexadecimal digits
     * @throws IllegalArgumentException if it is not; the message does not tell it
     */
    public static <G> Token<G> of(String sha256, G grant) {
      if (!sha256.matches(DIGITS)) {
        throw new IllegalArgumentException("expected: the SHA-256 of a token, 64 digits in hex");
      }
      return new Token<>(HexFormat.of().parseHex(sha256), grant);
    }

    /** A token of a text, of which only the digest is kept. */
    public static <G> Token<G> ofText(String text, G grant) {
      return new Token<>(digest(text), grant);
    }

    public G grant() {
      return grant;
    }

    /** The SHA-256 of its text in hexadecimal digits. */
    public String sha256() {
      return HexFormat.of().formatHex(sha256);
    }

    /** What it grants; not the digest. */
    @Override
    public String toString() {
      return "Token[" + grant + "]";
    }
  }

  /** What the tokens grant, in their order. */
  public List<G> grants() {
    return all.stream().map(Token::grant).toList();
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return all.isEmpty();
  }

  /** The token of an {@code Authorization}, if it has one. */
  public static Optional<String> text(@Nullable String authorization) {
    return authorization == null
            || authorization.length() > MAX_LENGTH
            || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        ? Optional.empty()
        : Optional.of(authorization.substring(SCHEME.length()).strip());
  }

  /*
   * Every token is compared, each in constant time and by its digest: how long it takes tells
   * nothing.
   */
  /** What a text grants; empty if it is no token of these. */
  public Optional<G> find(String text) {
    return token(text).map(Token::grant);
  }

  /** The token of a text; empty if it is none of these. */
  public Optional<Token<G>> token(String text) {
    byte[] digest = digest(text);
    Token<G> found = null;
    for (Token<G> token : all) {
      if (MessageDigest.isEqual(token.sha256, digest)) {
        found = token;
      }
    }
    Arrays.fill(digest, (byte) 0);
    return Optional.ofNullable(found);
  }

  /** Whether a token that was found once is one of these and grants the same. */
  public boolean has(Token<G> once) {
    for (Token<G> token : all) {
      if (MessageDigest.isEqual(token.sha256, once.sha256) && token.grant.equals(once.grant)) {
        return true;
      }
    }
    return false;
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** What they grant; not the digests. */
  @Override
  public String toString() {
    return "BearerTokens" + all;
  }
}
