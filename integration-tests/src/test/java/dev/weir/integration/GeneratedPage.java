// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A page that the code tells. */
final class GeneratedPage {

  private static final String NAVIGATION = "\n\n---\n\n";

  private GeneratedPage() {}

  /**
   * Compares a page with what the code says, but for its last line, which leads to other pages;
   * with {@code -Dweir.docs=write} the page is written.
   */
  static void isCurrent(String name, String text) throws IOException {
    Path file = Pages.ROOT.resolve(name);
    String there = Files.exists(file) ? Files.readString(file, UTF_8) : "";
    int end = there.lastIndexOf(NAVIGATION);
    String current = text.stripTrailing() + (end < 0 ? "\n" : there.substring(end));
    if ("write".equals(System.getProperty("weir.docs"))) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, current, UTF_8);
    } else {
      assertThat(there)
          .as("%s is not what the code says (./weir docs writes it)", name)
          .isEqualTo(current);
    }
  }

  /** A text as a cell of a table. */
  static String cell(String text) {
    return text.strip().replaceAll("\\s+", " ").replaceAll("[|<*\\[]", "\\\\$0");
  }
}
