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
 * @param dashboard whether the pages are served
 * @param instance what people call this instance; its machine and port if they say nothing
 */
public record AdminSettings(
    List<BearerTokens.Token<Administrator>> tokens,
    Optional<String> domain,
    boolean dashboard,
    Optional<String> instance) {

  /** Nothing configured: a token is made at the first start. */
  public static final AdminSettings NONE =
      new AdminSettings(List.of(), Optional.empty(), true, Optional.empty());

  /** The name of whoever has the one token that has no name. */
  public static final String OWNER = "admin";

  private static final String INSTANCE = "[A-Za-z0-9.:_-]{1,64}";
  private static final int MIN_LENGTH = 16;
  private static final int MAX_LENGTH = 512;
  private static final List<String> VARIABLES = List.of("WEIR_ADMIN_TOKEN", "ADMIN_API_KEY");

  public AdminSettings {
    tokens = List.copyOf(tokens);
    requireNonNull(domain, "domain");
    var unused = instance.map(AdminSettings::instanceName);
  }

  /**
   * The name of an instance, as it is.
   *
   * @throws IllegalArgumentException if it cannot be one
   */
  public static String instanceName(String text) {
    if (!text.matches(INSTANCE)) {
      throw new IllegalArgumentException(
          "instance: " + text + " (expected: 1..64 letters, digits and . : _ -)");
    }
    return text;
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
          return with(token(text));
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
    return new AdminSettings(more, domain, dashboard, instance);
  }
}
