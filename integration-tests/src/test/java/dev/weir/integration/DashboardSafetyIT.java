// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.AriaRole;
import dev.weir.redis.fixtures.EarlyInWindow;
import dev.weir.redis.fixtures.RequiresProgram;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever callers and administrators wrote is shown as the text that it is, in every place that
 * shows a text, and the browser is told to run nothing else.
 */
@RequiresProgram({"chromium", "node"})
@ExtendWith(Chromium.class)
@EarlyInWindow
@Timeout(300)
final class DashboardSafetyIT {

  @TempDir private Path folder;
  private DashboardServer server;
  private DashboardTab tab;

  /** Markup that would run, different in each place. */
  private static String evil(String place) {
    return "<img src=x onerror=\"window.pwned='" + place + "'\">";
  }

  private static final String POLICIES =
      """
      version: 1
      tiers:
        free: { minute: 20 per minute sliding }
      states:
        busy: { shed: low }
      policies:
        - name: per-user
          domain: "<img src=x onerror=window.pwned=1>"
          key: [user]
          tier: tier
          limits:
            - { name: minute, rate: 10 per minute sliding }
      """;
  private static final String DOMAIN = "<img src=x onerror=window.pwned=1>";

  @BeforeEach
  void open(Browser browser) {
    server = DashboardServer.start(folder, "  memory: {}", POLICIES);
    tab = DashboardTab.open(browser, server);
  }

  @AfterEach
  void close() {
    tab.close();
    server.close();
  }

  private void show(Locator place, String text) {
    assertThat(place).containsText(text);
  }

  private void assertInert() {
    Object made =
        tab.page()
            .evaluate(
                "[document.querySelectorAll('img[src=x], main script, main iframe').length,"
                    + " String(window.pwned)].join()");
    assertThat(made).isEqualTo("0,undefined");
    tab.assertNoTrouble();
  }

  @Test
  void texts_thatAreMarkup_areShownAsTheyAre() {
    String user = evil("user");
    server.check(DOMAIN, "user", user, 10);
    server.check(DOMAIN, "user", user, 1);
    server.administer(
        "PUT",
        "policies",
        "{\"expectedVersion\":0,\"reason\":%s,\"text\":%s}"
            .formatted(
                DashboardServer.quoted(evil("policy")),
                DashboardServer.quoted("# " + evil("comment") + "\n" + POLICIES)));
    server.administer(
        "PUT",
        "state",
        "{\"name\":\"busy\",\"reason\":%s}".formatted(DashboardServer.quoted(evil("state"))));
    server.administer(
        "POST",
        "bans",
        "{\"network\":\"203.0.113.7\",\"reason\":%s}"
            .formatted(DashboardServer.quoted(evil("ban"))));
    server.administer(
        "POST",
        "counters/reset",
        "{\"domain\":%s,\"entries\":[{\"key\":\"user\",\"value\":%s}],\"reason\":%s}"
            .formatted(
                DashboardServer.quoted(DOMAIN),
                DashboardServer.quoted(evil("counter")),
                DashboardServer.quoted(evil("reset"))));
    server.administer("POST", "users", "{\"id\":\"carla\",\"tier\":\"free\"}");
    server.administer(
        "POST", "users/carla/keys", "{\"name\":%s}".formatted(DashboardServer.quoted(evil("key"))));

    tab.signIn(DashboardServer.ADMIN);
    show(tab.card("Most denied keys"), "user=" + user);
    show(tab.card("Most used keys"), "user=" + user);
    assertInert();

    tab.card("Most denied keys").getByText("user=" + user).click();
    assertThat(tab.heading("Keys")).isVisible();
    assertThat(tab.page().getByLabel("Domain", exact())).hasValue(DOMAIN);
    show(tab.page().locator("main"), DOMAIN + " · user=" + user);
    show(tab.inspected("per-user · minute"), "10 of 10");
    tab.button("Reset…").click();
    show(tab.dialog(), DOMAIN + " · user=" + user);
    tab.dialogButton("Reset").click();
    show(tab.page().locator("#toasts"), user);
    assertInert();

    tab.go("#/policies", "Policies");
    show(tab.page().locator(".code pre"), evil("comment"));
    show(tab.card("Version history"), evil("policy"));
    tab.page()
        .locator("textarea")
        .fill(POLICIES.replace("10 per minute sliding", "'" + evil("rate").replace("'", "") + "'"));
    show(tab.page().locator(".problems"), "<img src=x onerror=");
    tab.button("View version 1").click();
    show(tab.dialog(), evil("comment"));
    tab.dialog().getByText("What changed since").click();
    tab.dialogButton("Close").click();
    tab.button("Roll back to version 0").click();
    show(tab.dialog().locator("li.removed"), evil("comment"));
    tab.dialogButton("Cancel").click();
    tab.button("Discard changes").click();
    assertInert();

    tab.go("#/users?id=carla", "carla");
    show(tab.card("API keys"), evil("key"));
    tab.page()
        .getByRole(AriaRole.BUTTON)
        .filter(new Locator.FilterOptions().setHasText("Revoke"))
        .click();
    show(tab.dialog(), evil("key"));
    tab.dialogButton("Cancel").click();
    tab.go("#/users?id=" + encoded(evil("missing")), evil("missing"));
    show(tab.page().locator("main .note.bad").first(), "does not exist");
    assertInert();

    tab.go("#/state", "Load state");
    show(tab.card("Now"), evil("state"));
    tab.go("#/bans", "Bans");
    show(tab.row("203.0.113.7"), evil("ban"));
    tab.button("Lift 203.0.113.7").click();
    show(tab.dialog(), evil("ban"));
    tab.dialogButton("Cancel").click();
    assertInert();

    tab.go("#/audit", "Audit trail");
    show(tab.row("counter.reset").first(), evil("counter").substring(0, 20));
    for (Locator each : tab.page().locator("tbody details summary").all()) {
      each.click();
    }
    show(tab.row("state.set"), evil("state").replace("\"", "\\\""));
    show(tab.row("ban").first(), evil("ban").replace("\"", "\\\""));
    assertInert();

    tab.go("#/users", "Users");
    tab.button("New user").click();
    tab.dialog().getByLabel("Id").fill("u" + evil("id"));
    tab.dialogButton("Make user").click();
    // Refused or made, and told or shown: as a text.
    assertThat(
            tab.dialog()
                .locator(".note.bad")
                .or(tab.page().locator("h1").filter(new Locator.FilterOptions().setHasText("img"))))
        .isVisible();
    assertInert();
  }

  private static Page.GetByLabelOptions exact() {
    return new Page.GetByLabelOptions().setExact(true);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Test
  void page_headers_allowNothingFromElsewhere() {
    Response response = tab.page().navigate(server.origin() + "/");
    assertThat(response.url()).isEqualTo(server.origin() + "/dashboard/");
    assertThat(response.headers().get("content-security-policy"))
        .contains("default-src 'none'")
        .contains("script-src 'self';")
        .contains("style-src 'self';")
        .contains("frame-ancestors 'none'")
        .contains("require-trusted-types-for 'script'")
        .doesNotContain("unsafe");
    assertThat(response.headers())
        .containsEntry("x-content-type-options", "nosniff")
        .containsEntry("referrer-policy", "no-referrer");
  }

  /** The policy is not only sent but kept: the browser itself refuses markup and foreign code. */
  @Test
  void browser_markupFromText_isRefused() {
    tab.signIn(DashboardServer.VIEWER);
    assertThatThrownBy(
            () -> tab.page().evaluate("document.querySelector('main').innerHTML = '<b>x</b>'"))
        .isInstanceOf(PlaywrightException.class)
        .hasMessageContaining("TrustedHTML");
    assertThat(tab.troubles()).isNotEmpty();
  }

  @Test
  void inspector_typedDescriptor_isInNoUrl() {
    tab.signIn(DashboardServer.VIEWER).go("#/keys", "Keys");
    tab.page().getByLabel("Domain", exact()).fill(DOMAIN);
    tab.page().getByLabel("Entry", exact()).fill("api_key");
    tab.page().getByLabel("Value", exact()).fill("a-secret-of-somebody");
    tab.button("Look").click();
    assertThat(tab.page().getByText("No limit counts this.")).isVisible();
    assertThat(tab.page().url()).doesNotContain("secret-of-somebody");
    tab.assertNoTrouble();
  }
}
