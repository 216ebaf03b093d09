// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.weir.redis.fixtures.RequiresProgram;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard by keyboard, on a phone, in light and in dark. */
@RequiresProgram({"chromium", "node"})
@ExtendWith(Chromium.class)
@Timeout(300)
final class DashboardAccessIT {

  private static final int MOST_TABS = 60;
  private static final Map<String, String> PAGES = new LinkedHashMap<>();

  static {
    PAGES.put("#/overview", "Overview");
    PAGES.put("#/keys?domain=api&key=user&value=carla", "Keys");
    PAGES.put("#/policies", "Policies");
    PAGES.put("#/users", "Users");
    PAGES.put("#/users?id=carla", "carla");
    PAGES.put("#/state", "Load state");
    PAGES.put("#/bans", "Bans");
    PAGES.put("#/audit", "Audit trail");
    PAGES.put("#/health", "Health");
  }

  @TempDir private Path folder;
  private DashboardServer server;

  @BeforeEach
  void start() {
    server = DashboardServer.start(folder);
    server.administer("POST", "users", "{\"id\":\"carla\",\"tier\":\"free\"}");
    server.administer("POST", "users/carla/keys", "{\"name\":\"ci\"}");
    server.administer("POST", "bans", "{\"network\":\"203.0.113.7\",\"reason\":\"scraping\"}");
    server.check("api", "user", "carla", 10);
    server.check("api", "user", "carla", 1);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void keyboard_alone_signsInBansAndLifts(Browser browser) {
    try (DashboardTab tab = DashboardTab.open(browser, server)) {
      Page page = tab.page();
      assertThat(page.getByLabel("Administrator’s token")).isFocused();
      page.keyboard().type(DashboardServer.ADMIN);
      page.keyboard().press("Enter");
      assertThat(tab.heading("Overview")).isVisible();

      page.keyboard().press("Tab");
      assertThat(focused(page)).isEqualTo("Skip to the page");
      page.keyboard().press("Enter");
      assertThat((String) page.evaluate("document.activeElement.id")).isEqualTo("main");

      page.reload();
      assertThat(tab.heading("Overview")).isVisible();
      tabTo(page, "Bans");
      assertThat((String) page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
          .isEqualTo("solid");
      page.keyboard().press("Enter");
      assertThat(tab.heading("Bans")).isFocused();
      tabTo(page, "Ban");
      page.keyboard().press("Enter");
      assertThat(tab.dialog().getByLabel("Network")).isFocused();
      for (int i = 0; i < 12; i++) {
        page.keyboard().press("Tab");
        assertThat((Boolean) page.evaluate("!document.activeElement.closest('main, .side')"))
            .as("the focus stays in the dialog")
            .isTrue();
      }
      page.keyboard().press("Escape");
      assertThat(tab.dialog()).hasCount(0);
      assertThat(focused(page)).isEqualTo("Ban");

      page.keyboard().press("Enter");
      page.keyboard().type("198.51.100.0/24");
      page.keyboard().press("Tab");
      page.keyboard().press("Tab");
      page.keyboard().type("by keyboard");
      page.keyboard().press("Enter");
      assertThat(tab.row("198.51.100.0/24")).containsText("by keyboard");

      tabTo(page, "Lift 198.51.100.0/24");
      page.keyboard().press("Enter");
      assertThat(tab.dialog()).isVisible();
      page.keyboard().press("Enter");
      assertThat(tab.row("198.51.100.0/24")).hasCount(0);
      tab.assertNoTrouble();
    }
  }

  /** The name of what has the focus. */
  private static String focused(Page page) {
    return (String)
        page.evaluate(
            "(document.activeElement.getAttribute('aria-label')"
                + " ?? document.activeElement.textContent).trim()");
  }

  private static void tabTo(Page page, String name) {
    for (int i = 0; i < MOST_TABS; i++) {
      page.keyboard().press("Tab");
      if (focused(page).equals(name)) {
        return;
      }
    }
    throw new AssertionError(name + ": not reached within " + MOST_TABS + " tabs");
  }

  @Test
  void everyControl_hasAName(Browser browser) {
    try (DashboardTab tab = DashboardTab.open(browser, server).signIn(DashboardServer.ADMIN)) {
      PAGES.forEach(
          (address, heading) -> {
            visit(tab, address, heading);
            assertThat(list(tab.page(), "nameless.js")).as(heading).isEmpty();
          });
      tab.assertNoTrouble();
    }
  }

  @Test
  void phone_everyPage_scrollsInOneDirection(Browser browser) {
    try (DashboardTab tab = DashboardTab.open(browser, server, 360, 740, ColorScheme.LIGHT)) {
      assertThat(width(tab)).isLessThanOrEqualTo(360);
      tab.signIn(DashboardServer.ADMIN);
      PAGES.forEach(
          (address, heading) -> {
            visit(tab, address, heading);
            assertThat(width(tab)).as(heading).isLessThanOrEqualTo(360);
          });
      tab.button("Menu").click();
      assertThat(tab.page().locator("nav")).isVisible();
      tab.page().locator("nav").getByText("Bans").click();
      assertThat(tab.heading("Bans")).isVisible();
      assertThat(tab.page().locator("nav")).isHidden();
      tab.assertNoTrouble();
    }
  }

  private static int width(DashboardTab tab) {
    return ((Number) tab.page().evaluate("document.documentElement.scrollWidth")).intValue();
  }

  @Test
  void light_everyText_hasTheContrastOfAa(Browser browser) {
    contrast(browser, ColorScheme.LIGHT);
  }

  @Test
  void dark_everyText_hasTheContrastOfAa(Browser browser) {
    contrast(browser, ColorScheme.DARK);
  }

  private void contrast(Browser browser, ColorScheme scheme) {
    try (DashboardTab tab = DashboardTab.open(browser, server, 1280, 800, scheme)) {
      assertThat(list(tab.page(), "contrast.js")).isEmpty();
      tab.signIn(DashboardServer.ADMIN);
      PAGES.forEach(
          (address, heading) -> {
            visit(tab, address, heading);
            assertThat(list(tab.page(), "contrast.js")).as(heading).isEmpty();
          });
      tab.go("#/bans", "Bans").button("Ban").click();
      assertThat(list(tab.page(), "contrast.js")).as("dialog").isEmpty();
      tab.assertNoTrouble();
    }
  }

  @Test
  void theme_systemThenSwitch_isFollowedAndKept(Browser browser) {
    try (DashboardTab tab = DashboardTab.open(browser, server, 1280, 800, ColorScheme.DARK)) {
      String dark = ground(tab);
      tab.signIn(DashboardServer.VIEWER);
      tab.button("Switch between light and dark").click();
      String light = ground(tab);
      assertThat(light).isNotEqualTo(dark);
      tab.page().reload();
      assertThat(tab.heading("Overview")).isVisible();
      assertThat(ground(tab)).isEqualTo(light);
      tab.assertNoTrouble();
    }
  }

  private static String ground(DashboardTab tab) {
    return (String) tab.page().evaluate("getComputedStyle(document.body).backgroundColor");
  }

  private static void visit(DashboardTab tab, String address, String heading) {
    tab.go(address, heading);
    assertThat(tab.page().locator("main [aria-busy]")).hasCount(0);
  }

  /** What a script of this suite finds in the page. */
  @SuppressWarnings("unchecked")
  private static List<String> list(Page page, String script) {
    try (InputStream in = DashboardAccessIT.class.getResourceAsStream(script)) {
      return (List<String>) page.evaluate(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
