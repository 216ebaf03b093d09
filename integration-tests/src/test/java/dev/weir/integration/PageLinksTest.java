// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.integration.Pages.Page;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Links of the pages lead somewhere, and whoever reads on finds the next page. With {@code
 * -Dweir.docs=write} the lines that lead from page to page are written instead.
 */
final class PageLinksTest {

  private static final String INDEX = "docs/index.md";
  private static final Pattern EXTERNAL = Pattern.compile("[a-z]+:.*");
  private static final Pattern NAVIGATION = Pattern.compile("\\n---\\n\\n[^\\n]*\\n\\z");

  @Test
  void internalLinks_leadToAFileAndAHeading() throws IOException {
    List<String> broken = new ArrayList<>();
    int checked = 0;
    for (Page page : Pages.all()) {
      for (String link : page.links()) {
        if (!EXTERNAL.matcher(link).matches()) {
          checked++;
          if (!leads(page, link)) {
            broken.add(page.name() + ": " + link);
          }
        }
      }
    }
    assertThat(broken).isEmpty();
    assertThat(checked).isGreaterThan(100);
  }

  private static boolean leads(Page page, String link) {
    String[] parts = link.split("#", 2);
    Path here = Pages.ROOT.resolve(page.name());
    Path target = parts[0].isEmpty() ? here : here.resolveSibling(parts[0]).normalize();
    if (!target.startsWith(Pages.ROOT) || !Files.exists(target)) {
      return false;
    }
    return parts.length == 1
        || target.toString().endsWith(".md")
            && Pages.page(Pages.ROOT.relativize(target).toString()).anchors().contains(parts[1]);
  }

  @Test
  void externalLinks_areWholeAddresses() throws IOException {
    for (Page page : Pages.all()) {
      for (String link : page.links()) {
        if (EXTERNAL.matcher(link).matches()) {
          URI address = URI.create(link);
          assertThat(address.getScheme()).as("%s: %s", page.name(), link).isEqualTo("https");
          assertThat(address.getHost()).as("%s: %s", page.name(), link).contains(".");
        }
      }
    }
  }

  @Test
  void links_areWrittenInline_soThatTheyAreChecked() throws IOException {
    Pattern other = Pattern.compile("\\]\\[|(?m)^\\[[^]]+]: |<a |<img |<https?:");
    for (Page page : Pages.all()) {
      assertThat(other.matcher(page.words()).find()).as(page.name()).isFalse();
    }
  }

  @Test
  void everyPage_isInTheIndex() throws IOException {
    List<String> pages =
        Pages.forUsers().stream()
            .map(Page::name)
            .filter(name -> !name.equals("README.md") && !name.equals(INDEX))
            .toList();
    assertThat(reading()).as("pages that %s leads to", INDEX).containsAll(pages);
  }

  @Test
  void everyPage_leadsToTheNextOne() throws IOException {
    List<String> reading = new ArrayList<>(reading());
    for (int i = 0; i < reading.size(); i++) {
      Page page = Pages.page(reading.get(i));
      String expected =
          NAVIGATION.matcher(page.text()).replaceFirst("").stripTrailing() + navigation(reading, i);
      if (!page.text().equals(expected) && "write".equals(System.getProperty("weir.docs"))) {
        Files.writeString(Pages.ROOT.resolve(page.name()), expected, UTF_8);
      } else {
        assertThat(page.text())
            .as(
                "%s: its last line, which follows the order of the index (./weir docs)",
                page.name())
            .endsWith(navigation(reading, i));
      }
    }
  }

  private static String navigation(List<String> reading, int i) {
    List<String> parts = new ArrayList<>();
    String from = reading.get(i);
    if (i > 0) {
      parts.add("[← " + title(reading.get(i - 1)) + "](" + way(from, reading.get(i - 1)) + ")");
    }
    parts.add("[All pages](" + way(from, INDEX) + ")");
    if (i + 1 < reading.size()) {
      parts.add("[" + title(reading.get(i + 1)) + " →](" + way(from, reading.get(i + 1)) + ")");
    }
    return "\n\n---\n\n" + String.join(" · ", parts) + "\n";
  }

  private static String way(String from, String to) {
    Path folder = Path.of(from).getParent();
    return folder.relativize(Path.of(to)).toString().replace('\\', '/');
  }

  private static String title(String name) {
    String first = Pages.page(name).text().lines().findFirst().orElse("");
    assertThat(first).as("the first line of %s", name).startsWith("# ");
    return first.substring(2);
  }

  /** The pages in the order in which the index names them first. */
  private static Set<String> reading() {
    Set<String> pages = new LinkedHashSet<>();
    Path index = Pages.ROOT.resolve(INDEX);
    for (String link : Pages.page(INDEX).links()) {
      Path target = index.resolveSibling(link.split("#", 2)[0]).normalize();
      if (target.startsWith(index.getParent()) && target.toString().endsWith(".md")) {
        pages.add(Pages.ROOT.relativize(target).toString().replace('\\', '/'));
      }
    }
    return pages;
  }
}
