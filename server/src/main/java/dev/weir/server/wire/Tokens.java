// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who may have decisions made at a listener: bearer tokens with scopes. Immutable. */
public final class Tokens {

  /** What a token allows. */
  public enum Scope {
    /** Checks, peeks, records and holds. */
    CHECK,
    /** Refunds. */
    REFUND,
    /** Checks by limits that the request brings, in place of those of the policies. */
    OVERRIDE,
    /** What changes or shows more than decisions. */
    ADMIN
  }

  /** Open to whoever reaches the listener. */
  public static final Tokens OPEN = new Tokens(List.of());

  private final BearerTokens<Set<Scope>> all;

  /**
   * @param all the tokens with their scopes; none leaves it open
   */
  public Tokens(List<BearerTokens.Token<Set<Scope>>> all) {
    this.all = new BearerTokens<>(all);
  }

  /**
   * One token.
   *
   * @param sha256 the SHA-256 of its text in 64 hexadecimal digits
   * @param scopes what it allows, at least one thing
   * @throws IllegalArgumentException if they are not
   */
  public static BearerTokens.Token<Set<Scope>> token(String sha256, Set<Scope> scopes) {
    BearerTokens.Token<Set<Scope>> token = BearerTokens.Token.of(sha256, Set.copyOf(scopes));
    if (scopes.isEmpty()) {
      throw new IllegalArgumentException("scopes: none (expected: at least one)");
    }
    return token;
  }

  /** Whether whoever reaches the listener may use it. */
  public boolean open() {
    return all.isEmpty();
  }

  /**
   * Why a request may not do something.
   *
   * @param authorization its {@code Authorization}
   * @return empty if it may; else a problem of status 401 or 403
   */
  public Optional<Problem> refusal(@Nullable String authorization, Scope scope) {
    if (open()) {
      return Optional.empty();
    }
    Optional<String> text = BearerTokens.text(authorization);
    if (text.isEmpty()) {
      return Optional.of(Problem.of(401, "Authorization: no bearer token"));
    }
    Optional<Set<Scope>> scopes = all.find(text.get());
    if (scopes.isEmpty()) {
      return Optional.of(Problem.of(401, "Authorization: unknown token"));
    }
    return scopes.get().contains(scope)
        ? Optional.empty()
        : Optional.of(Problem.of(403, "Authorization: the token has not the scope " + word(scope)));
  }

  /**
   * What a text allows, in constant time.
   *
   * @return empty if it is none of these tokens
   */
  public Optional<Set<Scope>> scopes(String text) {
    return all.find(text);
  }

  /** A scope's name in configurations and answers. */
  public static String word(Scope scope) {
    return scope.name().toLowerCase(Locale.ROOT);
  }

  /** The scopes; not the tokens. */
  @Override
  public String toString() {
    return "Tokens[" + all + "]";
  }
}
