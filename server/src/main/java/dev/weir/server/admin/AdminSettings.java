// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import static java.util.Objects.requireNonNull;

import dev.weir.server.wire.BearerTokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who may administer, as a configuration says it.
 *
 * @param tokens known by their digests; none if nothing is configured
 * @param domain the domain of the limits that are told of users; of every policy that counts by
 *     user if there is none
 */
public record AdminSettings(
    List<BearerTokens.Token<Administrator>> tokens, Optional<String> domain) {

  /** Nothing configured: a token is made at the first start. */
  public static final AdminSettings NONE = new AdminSettings(List.of(), Optional.empty());

  /** The name of whoever has the one token that has no name. */
  public static final String OWNER = "admin";

  private static final int MIN_LENGTH = 16;
  private static final int MAX_LENGTH = 512;
  private static final List<String> VARIABLES = List.of("WEIR_ADMIN_TOKEN", "ADMIN_API_KEY");

  public AdminSettings {
    tokens = List.copyOf(tokens);
    requireNonNull(domain, "domain");
  }

  /**
   * A token for everything, by its text, which is not kept.
   *
   * @throws IllegalArgumentException if it is too easily guessed; the message does not tell it
   */
  public static BearerTokens.Token<Administrator> token(String text) {
    boolean plain = text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    if (text.length() < MIN_LENGTH || text.length() > MAX_LENGTH || !plain) {
      throw new IllegalArgumentException(
          "not shown (expected: "
              + MIN_LENGTH
              + ".."
              + MAX_LENGTH
              + " characters of ASCII without spaces)");
    }
    return BearerTokens.Token.ofText(text, new Administrator(OWNER, Role.ADMIN));
  }

  /**
   * These, or what the environment says where they name no token.
   *
   * @throws IllegalArgumentException if a variable holds a token that is too easily guessed
   */
  public AdminSettings or(Map<String, String> environment) {
    if (!tokens.isEmpty()) {
      return this;
    }
    for (String variable : VARIABLES) {
      String text = environment.getOrDefault(variable, "");
      if (!text.isEmpty()) {
        try {
          return new AdminSettings(List.of(token(text)), domain);
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(variable + ": " + e.getMessage(), e);
        }
      }
    }
    return this;
  }

  /** The same with one more token. */
  public AdminSettings with(BearerTokens.Token<Administrator> token) {
    List<BearerTokens.Token<Administrator>> more = new ArrayList<>(tokens);
    more.add(token);
    return new AdminSettings(more, domain);
  }
}
