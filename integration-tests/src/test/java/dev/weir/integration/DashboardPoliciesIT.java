// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import dev.weir.redis.fixtures.RequiresProgram;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Policies are changed in the dashboard. */
@RequiresProgram({"chromium", "node"})
@ExtendWith(Chromium.class)
@Timeout(300)
final class DashboardPoliciesIT {

  @TempDir private Path folder;
  private DashboardServer server;
  private DashboardTab tab;

  @BeforeEach
  void open(Browser browser) {
    server = DashboardServer.start(folder);
    tab = DashboardTab.open(browser, server).signIn(DashboardServer.ADMIN);
    tab.go("#/policies", "Policies");
    assertThat(editor()).isVisible();
  }

  @AfterEach
  void close() {
    tab.close();
    server.close();
  }

  private Locator editor() {
    return tab.page().locator("textarea");
  }

  private void replace(String text, String other) {
    String now = editor().inputValue();
    assertThat(now).contains(text);
    editor().fill(now.replace(text, other));
  }

  private void putInForce(String reason) {
    tab.button("Review and save…").click();
    tab.dialog().getByLabel("Reason").fill(reason);
    tab.dialogButton("Put in force").click();
    assertThat(tab.dialog()).hasCount(0);
  }

  @Test
  void edit_saveAndRollBack_areInForceAtOnce() {
    assertThat(tab.card("In force").locator(".pill", text("valid"))).isVisible();
    replace("10 per minute sliding", "1 per minute sliding");
    tab.button("Review and save…").click();
    assertThat(tab.dialog().locator("li.removed")).containsText("10 per minute sliding");
    assertThat(tab.dialog().locator("li.added")).containsText("1 per minute sliding");
    tab.dialogButton("Cancel").click();
    assertThat(server.check("api", "user", "anna", 2)).contains("\"allowed\":true");

    putInForce("less for everybody");
    assertThat(tab.row("less for everybody")).containsText("in force");
    assertThat(server.check("api", "user", "bert", 2)).contains("\"allowed\":false");

    tab.button("View version 1").click();
    assertThat(tab.dialog()).containsText("1 per minute sliding");
    tab.dialogButton("Close").click();
    tab.button("View version 0").click();
    tab.dialog().getByText("What changed since").click();
    assertThat(tab.dialog().locator("li.removed")).containsText("10 per minute sliding");
    tab.dialogButton("Close").click();

    tab.button("Roll back to version 0").click();
    assertThat(tab.dialog().locator("li.added")).containsText("10 per minute sliding");
    tab.dialog().getByLabel("Reason").fill("that was too little");
    tab.dialogButton("Roll back").click();
    assertThat(tab.row("0, the files")).containsText("in force");
    assertThat(editor()).hasValue(contains("10 per minute sliding"));
    assertThat(server.check("api", "user", "carla", 2)).contains("\"allowed\":true");
    tab.assertNoTrouble();
  }

  @Test
  void edit_invalid_showsLineAndProblemAsYouType() {
    replace("10 per minute sliding", "10 per minuet sliding");
    Locator problem = tab.page().locator(".problems li");
    int line = lineOf("minuet");
    assertThat(problem).hasCount(1);
    assertThat(problem).containsText("line " + line);
    assertThat(problem).containsText("policies[0].limits[0].rate");
    assertThat(tab.page().locator(".marks .wrong")).hasCount(1);
    assertThat(tab.button("Review and save…")).isDisabled();

    problem.getByRole(AriaRole.BUTTON).click();
    assertThat(editor()).isFocused();
    assertThat(cursorLine()).isEqualTo(line);
    replace("10 per minuet sliding", "12 per minute sliding");
    assertThat(problem).hasCount(0);
    assertThat(tab.button("Review and save…")).isEnabled();
    tab.assertNoTrouble();
  }

  private int lineOf(String text) {
    return (int) editor().inputValue().lines().takeWhile(line -> !line.contains(text)).count() + 1;
  }

  private int cursorLine() {
    Object line =
        editor().evaluate("area => area.value.slice(0, area.selectionStart).split('\\n').length");
    return ((Number) line).intValue();
  }

  @Test
  void save_somebodyWasFaster_losesNothingAndOverwritesNothing() {
    replace("10 per minute sliding", "11 per minute sliding");
    assertThat(tab.button("Review and save…")).isEnabled();
    tab.button("Review and save…").click();
    String theirs = DashboardServer.POLICIES.replace("10 per minute", "99 per minute");
    server.administer(
        "PUT",
        "policies",
        "{\"expectedVersion\":0,\"reason\":\"me first\",\"text\":"
            + DashboardServer.quoted(theirs)
            + "}");
    tab.dialogButton("Put in force").click();
    assertThat(tab.dialog()).containsText("Nothing was saved: version 1 came into force");
    tab.dialogButton("Cancel").click();
    assertThat(tab.page().locator("main")).containsText("Version 1 is in force now");
    assertThat(editor()).hasValue(contains("11 per minute sliding"));

    tab.button("Keep my text, to replace theirs").click();
    tab.button("Review and save…").click();
    assertThat(tab.dialog().locator("li.removed", text("99 per minute sliding"))).isVisible();
    tab.dialog().getByLabel("Reason").fill("both of us");
    tab.dialogButton("Put in force").click();
    assertThat(tab.row("both of us")).containsText("in force");
    tab.assertNoTrouble();
  }

  @Test
  void draft_anotherPageAndBack_isKept() {
    replace("10 per minute sliding", "11 per minute sliding");
    tab.go("#/bans", "Bans").go("#/policies", "Policies");
    assertThat(editor()).hasValue(contains("11 per minute sliding"));
    tab.button("Discard changes").click();
    assertThat(editor()).hasValue(contains("10 per minute sliding"));
    tab.assertNoTrouble();
  }

  private static Pattern contains(String text) {
    return Pattern.compile(text);
  }

  private static Locator.LocatorOptions text(String text) {
    return new Locator.LocatorOptions().setHasText(text);
  }
}
