// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.weir.redis.fixtures.RequiresProgram;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Who gets into the dashboard, and what each role is offered there. */
@RequiresProgram({"chromium", "node"})
@ExtendWith(Chromium.class)
@Timeout(300)
final class DashboardSignInIT {

  private static final List<String> PAGES =
      List.of(
          "Overview", "Keys", "Policies", "Users", "Load state", "Bans", "Audit trail", "Health");

  @TempDir private Path folder;
  private DashboardServer server;
  private DashboardTab tab;

  @BeforeEach
  void open(Browser browser) {
    server = DashboardServer.start(folder);
    tab = DashboardTab.open(browser, server);
  }

  @AfterEach
  void close() {
    tab.close();
    server.close();
  }

  @Test
  void signIn_wrongToken_isToldAndStaysOutside() {
    tab.page().getByLabel("Administrator’s token").fill("not-a-token-that-anybody-knows");
    tab.button("Sign in").click();
    assertThat(tab.page().getByRole(AriaRole.ALERT))
        .hasText("The server does not know this token.");
    assertThat(tab.heading("Overview")).hasCount(0);
    assertThat(stored()).isEqualTo("null");
    tab.signIn(DashboardServer.VIEWER).assertNoTrouble();
  }

  @Test
  void signIn_tooManyWrongTokens_tellsHowLongToWait() {
    AdministrationClient stranger = server.administration("not-a-token-that-anybody-knows");
    for (int i = 0; i < 10; i++) {
      assertThat(stranger.get("/v1/admin/me").statusCode()).isEqualTo(401);
    }
    tab.page().getByLabel("Administrator’s token").fill("another-token-nobody-knows");
    tab.button("Sign in").click();
    assertThat(tab.page().getByRole(AriaRole.ALERT)).containsText("Try again in ");
    tab.assertNoTrouble();
  }

  @Test
  void signIn_reloadAndSignOut_tokenIsKeptInTheTabAndForgotten() {
    tab.signIn(DashboardServer.ADMIN);
    assertThat(tab.page().locator(".who")).containsText("ada");
    assertThat(tab.page().locator(".who .pill")).hasText("admin");
    tab.page().reload();
    assertThat(tab.heading("Overview")).isVisible();
    assertThat(tab.page().url()).doesNotContain(DashboardServer.ADMIN);
    assertThat((String) tab.page().evaluate("document.cookie + JSON.stringify(localStorage)"))
        .isEqualTo("{}");

    tab.button("Sign out").click();
    assertThat(tab.button("Sign in")).isVisible();
    assertThat(stored()).isEqualTo("null");
    tab.page().reload();
    assertThat(tab.button("Sign in")).isVisible();
    tab.assertNoTrouble();
  }

  private String stored() {
    return (String) tab.page().evaluate("JSON.stringify(sessionStorage.getItem('weir.token'))");
  }

  @Test
  void viewer_everyPage_offersNothingThatChanges() {
    server.administer("POST", "users", "{\"id\":\"carla\",\"tier\":\"free\"}");
    server.administer("POST", "users/carla/keys", "{\"name\":\"ci\"}");
    server.administer("POST", "bans", "{\"network\":\"203.0.113.7\",\"reason\":\"scraping\"}");
    tab.signIn(DashboardServer.VIEWER);
    for (String page : PAGES) {
      visit(page);
      assertThat(changing()).as(page).isEmpty();
    }
    tab.go("#/users?id=carla", "carla");
    assertThat(tab.row("ci")).isVisible();
    assertThat(changing()).isEmpty();
    tab.go("#/keys?domain=api&key=user&value=carla", "Keys");
    assertThat(tab.inspected("per-user · minute")).isVisible();
    assertThat(changing()).isEmpty();
    assertThat(tab.page().locator("textarea")).hasCount(0);
    tab.assertNoTrouble();
  }

  @Test
  void operator_pages_offerWhatTheRoleMay() {
    server.administer("POST", "users", "{\"id\":\"carla\",\"tier\":\"free\"}");
    tab.signIn(DashboardServer.OPERATOR);
    visit("Bans");
    assertThat(tab.button("Ban")).isVisible();
    visit("Load state");
    assertThat(tab.button("Switch…")).isVisible();
    visit("Policies");
    assertThat(tab.row("0, the files")).isVisible();
    assertThat(changing()).isEmpty();
    visit("Users");
    assertThat(tab.row("carla")).isVisible();
    assertThat(changing()).isEmpty();
    tab.go("#/users?id=carla", "carla");
    assertThat(tab.button("New key")).isVisible();
    assertThat(tab.button("Change tier…")).hasCount(0);
    tab.assertNoTrouble();
  }

  private void visit(String page) {
    tab.page()
        .getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(page).setExact(true))
        .click();
    assertThat(tab.heading(page)).isVisible();
    assertThat(tab.page().locator("main [aria-busy]")).hasCount(0);
  }

  /** The buttons of the page that lead to a change. */
  private List<String> changing() {
    return tab.page().locator("main button").allInnerTexts().stream()
        .filter(name -> name.matches("(?s).*(…|New |Ban|Save|Switch).*"))
        .toList();
  }
}
