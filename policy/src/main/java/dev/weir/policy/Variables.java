// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces {@code ${NAME}} and {@code ${NAME:-default}} by variables of the environment; an empty
 * variable counts as unset where there is a default. A doubled dollar sign before the brace stands
 * for itself.
 */
final class Variables {

  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\$\\{|\\$\\{(?:([A-Za-z_][A-Za-z0-9_]*)(?:(:-)([^}]*))?})?");

  private Variables() {}

  /**
   * The text with every reference replaced.
   *
   * @throws IllegalArgumentException if a reference is malformed or its variable unset
   */
  static String replace(String text, Function<String, Optional<String>> environment) {
    if (text.indexOf("${") < 0) {
      return text;
    }
    Matcher matcher = REFERENCE.matcher(text);
    StringBuilder replaced = new StringBuilder();
    while (matcher.find()) {
      matcher.appendReplacement(replaced, "");
      replaced.append(matcher.group().startsWith("$$") ? "${" : value(matcher, environment));
    }
    return matcher.appendTail(replaced).toString();
  }

  private static String value(Matcher matcher, Function<String, Optional<String>> environment) {
    String name = matcher.group(1);
    if (name == null) {
      throw new IllegalArgumentException(
          "reference (expected: ${NAME} or ${NAME:-default}; $${ stands for ${)");
    }
    String fallback = matcher.group(3);
    Optional<String> value = environment.apply(name);
    if (fallback != null) {
      return value.filter(set -> !set.isEmpty()).orElse(fallback);
    }
    return value.orElseThrow(
        () ->
            new IllegalArgumentException(
                "reference (expected: "
                    + name
                    + " in the environment, or a default: ${"
                    + name
                    + ":-...})"));
  }
}
