// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import dev.weir.redis.fixtures.EarlyInWindow;
import dev.weir.redis.fixtures.RequiresProgram;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Counters, users, API keys, load states and bans are changed in the dashboard. */
@RequiresProgram({"chromium", "node"})
@ExtendWith(Chromium.class)
@EarlyInWindow(seconds = 20)
@Timeout(300)
final class DashboardAdministrationIT {

  @TempDir private Path folder;
  private DashboardServer server;
  private DashboardTab tab;

  @BeforeEach
  void open(Browser browser) {
    server = DashboardServer.start(folder);
    tab = DashboardTab.open(browser, server).signIn(DashboardServer.ADMIN);
  }

  @AfterEach
  void close() {
    tab.close();
    server.close();
  }

  @Test
  void key_resetAndGrant_changeWhatIsCounted() {
    server.check("api", "user", "carla", 10);
    assertThat(server.check("api", "user", "carla", 1)).contains("\"allowed\":false");
    tab.go("#/keys", "Keys");
    tab.page().getByLabel("Domain").fill("api");
    tab.page().getByLabel("Value").fill("carla");
    tab.button("Look").click();
    assertThat(tab.inspected("per-user · minute")).containsText("10 of 10");

    tab.button("Grant…").click();
    tab.dialog().getByLabel("Permits").fill("3");
    tab.dialog().getByLabel("Reason").fill("goodwill");
    tab.dialogButton("Grant").click();
    assertThat(tab.inspected("per-user · minute")).containsText("7 of 10");
    assertThat(server.check("api", "user", "carla", 3)).contains("\"allowed\":true");

    tab.button("Reset…").click();
    tab.dialogButton("Cancel").click();
    assertThat(server.check("api", "user", "carla", 1)).contains("\"allowed\":false");
    tab.button("Reset…").click();
    tab.dialogButton("Reset").click();
    assertThat(tab.inspected("per-user · minute")).containsText("0 of 10");
    assertThat(server.check("api", "user", "carla", 10)).contains("\"allowed\":true");

    tab.go("#/audit", "Audit trail");
    assertThat(tab.row("counter.reset")).containsText("ada");
    assertThat(tab.row("counter.grant")).containsText("goodwill");
    tab.assertNoTrouble();
  }

  @Test
  void user_withKey_isMadeAndTheKeyIsShownOnce() {
    tab.go("#/users", "Users");
    tab.button("New user").click();
    tab.dialog().getByLabel("Id").fill("carla");
    tab.dialog().getByLabel("Tier").fill("free");
    tab.dialogButton("Make user").click();
    assertThat(tab.heading("carla")).isVisible();
    assertThat(tab.row("per-user · minute")).containsText("0 of 20");

    tab.button("Change tier…").click();
    tab.dialog().getByLabel("Tier").fill("pro");
    tab.dialogButton("Change tier").click();
    assertThat(tab.row("per-user · minute")).containsText("0 of 150");

    tab.button("New key").click();
    tab.dialog().getByLabel("Name").fill("ci");
    tab.dialogButton("Make key").click();
    String key = tab.dialog().getByLabel("API key").inputValue();
    assertThat(key).startsWith("weir_").hasSizeGreaterThan(20);
    tab.dialogButton("I have it").click();
    assertThat(tab.row("ci")).containsText(key.substring(0, 9) + "…");
    assertThat(tab.page().content()).doesNotContain(key);
    tab.page().reload();
    assertThat(tab.row("ci")).isVisible();
    assertThat(tab.page().content()).doesNotContain(key);

    tab.button("Rotate ci").click();
    tab.dialog().getByLabel("The old one goes on for").selectOption("3600");
    tab.dialogButton("Rotate").click();
    assertThat(tab.dialog().getByLabel("API key")).not().hasValue(key);
    tab.page().keyboard().press("Escape");
    assertThat(tab.row("ci")).hasCount(2);

    tab.button("Revoke ci").first().click();
    tab.dialogButton("Revoke key").click();
    assertThat(tab.row("revoked")).hasCount(1);

    tab.button("Delete…").click();
    tab.dialogButton("Delete user").click();
    assertThat(tab.heading("Users")).isVisible();
    assertThat(tab.page().getByText("No users.")).isVisible();
    tab.assertNoTrouble();
  }

  @Test
  void user_thatIsThere_isToldInTheDialog() {
    server.administer("POST", "users", "{\"id\":\"carla\",\"tier\":\"free\"}");
    tab.go("#/users", "Users");
    tab.button("New user").click();
    tab.dialog().getByLabel("Id").fill("carla");
    tab.dialogButton("Make user").click();
    assertThat(tab.dialog()).containsText("is there already");
    assertThat(tab.dialogButton("Make user")).isEnabled();
    tab.assertNoTrouble();
  }

  @Test
  void state_withReasonAndEnd_countsDownAndEnds() {
    tab.go("#/state", "Load state");
    tab.page().getByLabel("To", exact()).selectOption("busy");
    tab.page().getByLabel("How long").selectOption("other");
    tab.page().getByLabel("Seconds").fill("3");
    tab.page().getByLabel("Reason").fill("release night");
    tab.button("Switch…").click();
    tab.dialogButton("Switch").click();
    assertThat(tab.card("Now")).containsText("busy");
    assertThat(tab.card("Now")).containsText("release night");
    assertThat(tab.card("Now")).containsText("back to normal");
    assertThat(tab.row("free")).containsText("5 in 1 min");
    assertThat(tab.card("Now").locator(".pill")).hasText("normal");
    tab.go("#/audit", "Audit trail");
    assertThat(tab.row("state.set").first()).containsText("release night");
    tab.assertNoTrouble();
  }

  private static com.microsoft.playwright.Page.GetByLabelOptions exact() {
    return new com.microsoft.playwright.Page.GetByLabelOptions().setExact(true);
  }

  @Test
  void ban_addAndLift_areInForceAndInTheTrail() {
    tab.go("#/bans", "Bans");
    tab.button("Ban").click();
    tab.dialog().getByLabel("Network").fill("no address");
    tab.dialog().getByLabel("Reason").fill("scraping");
    tab.dialogButton("Ban").click();
    assertThat(tab.dialog()).containsText("network");
    tab.dialog().getByLabel("Network").fill("203.0.113.0/24");
    tab.dialog().getByLabel("For").selectOption("900");
    tab.dialogButton("Ban").click();
    assertThat(tab.row("203.0.113.0/24")).containsText("scraping");
    assertThat(tab.row("203.0.113.0/24")).containsText(Pattern.compile("in 1[45] min"));

    tab.button("Lift 203.0.113.0/24").click();
    tab.dialogButton("Lift ban").click();
    assertThat(tab.page().getByText("Nobody is banned.")).isVisible();

    tab.go("#/audit", "Audit trail");
    assertThat(tab.row("ban.create").or(tab.row("ban.add")).first()).containsText("203.0.113.0/24");
    tab.page().getByLabel("Only with").fill("lift");
    assertThat(tab.row("ban.lift")).hasCount(1);
    assertThat(tab.page().locator("tbody tr")).hasCount(1);
    tab.assertNoTrouble();
  }

  @Test
  void health_components_areShown() {
    tab.go("#/health", "Health");
    assertThat(tab.row("listener admin")).containsText("ok");
    assertThat(tab.row("records")).containsText("records are in memory");
    assertThat(tab.card("Process")).containsText("processors");
    assertThat(tab.card("Configuration in force")).containsText("policyFiles");
    tab.button("Reload files…").click();
    tab.dialogButton("Reload").click();
    assertThat(tab.page().locator("#toasts")).containsText("Reloaded: 2 policies");
    tab.assertNoTrouble();
  }
}
