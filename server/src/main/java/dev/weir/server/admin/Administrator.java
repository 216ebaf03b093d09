// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;

/**
 * Who a token stands for.
 *
 * @param name the author of changes in the audit trail; 1..100 letters, digits and {@code . _ -}
 * @param role what they may do
 */
public record Administrator(String name, Role role) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,100}");

  /**
   * @throws IllegalArgumentException if the name is out of shape
   */
  public Administrator {
    requireNonNull(role, "role");
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("expected: 1..100 letters, digits and . _ -");
    }
  }
}
