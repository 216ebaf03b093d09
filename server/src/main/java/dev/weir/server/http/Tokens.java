// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.http;

import dev.weir.server.wire.Problem;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may use the decision API: bearer tokens (RFC 6750), known by their digests only. Immutable.
 *
 * @param all the tokens; none leaves the API open
 */
public record Tokens(List<Token> all) {

  /** What a token allows. */
  public enum Scope {
    /** Checks, peeks, records and holds. */
    CHECK,
    /** Refunds. */
    REFUND
  }

  /** The API is open to whoever reaches it. */
  public static final Tokens OPEN = new Tokens(List.of());

  private static final String SCHEME = "Bearer ";
  private static final int MAX_LENGTH = 1_024;

  public Tokens {
    all = List.copyOf(all);
  }

  /** One token. */
  public static final class Token {
    private final byte[] sha256;
    private final Set<Scope> scopes;

    private Token(byte[] sha256, Set<Scope> scopes) {
      this.sha256 = sha256;
      this.scopes = scopes;
    }

    /**
     * A token.
     *
     * @param sha256 the SHA-256 of its text in 64 hexadecimal digits
     * @param scopes what it allows, at least one thing
     * @throws IllegalArgumentException if they are not
     */
    public static Token of(String sha256, Set<Scope> scopes) {
      if (!sha256.matches("[0-9a-fA-F]{64}")) {
        throw new IllegalArgumentException("expected: the SHA-256 of a token, 64 digits in hex");
      }
      if (scopes.isEmpty()) {
        throw new IllegalArgumentException("scopes: none (expected: at least one)");
      }
      return new Token(HexFormat.of().parseHex(sha256), Set.copyOf(scopes));
    }
  }

  /** Whether whoever reaches the API may use it. */
  public boolean open() {
    return all.isEmpty();
  }

  /**
   * Why a request may not do something.
   *
   * @param authorization its {@code Authorization}
   * @return empty if it may; else a problem of status 401 or 403
   */
  Optional<Problem> refusal(@Nullable String authorization, Scope scope) {
    if (open()) {
      return Optional.empty();
    }
    if (authorization == null
        || authorization.length() > MAX_LENGTH
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.of(Problem.of(401, "Authorization: no bearer token"));
    }
    Token found = find(authorization.substring(SCHEME.length()).strip());
    if (found == null) {
      return Optional.of(Problem.of(401, "Authorization: unknown token"));
    }
    return found.scopes.contains(scope)
        ? Optional.empty()
        : Optional.of(Problem.of(403, "Authorization: the token has not the scope " + word(scope)));
  }

  /* Every token is compared, each in constant time: how long it takes tells nothing. */
  private @Nullable Token find(String text) {
    byte[] digest = digest(text);
    Token found = null;
    for (Token token : all) {
      if (MessageDigest.isEqual(token.sha256, digest)) {
        found = token;
      }
    }
    Arrays.fill(digest, (byte) 0);
    return found;
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String word(Scope scope) {
    return scope.name().toLowerCase(java.util.Locale.ROOT);
  }
}
