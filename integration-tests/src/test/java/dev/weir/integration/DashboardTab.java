// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

/**
 * A tab of a browser of its own that shows the dashboard, and notes whatever must not happen there:
 * messages on the console, dialogs of scripts, breaches of the content security policy, requests to
 * elsewhere.
 */
final class DashboardTab implements AutoCloseable {

  /** What Chromium writes for every answer that is no success; the pages tell it in words. */
  private static final Pattern EXPECTED =
      Pattern.compile("Failed to load resource: the server responded with a status of 4\\d\\d.*");

  private final BrowserContext context;
  private final Page page;
  private final String origin;
  private final List<String> troubles = new CopyOnWriteArrayList<>();

  private DashboardTab(Browser browser, String origin, Browser.NewContextOptions options) {
    this.origin = origin;
    context = browser.newContext(options.setLocale("en-GB").setTimezoneId("UTC"));
    context.setDefaultTimeout(Chromium.PATIENCE_MILLIS);
    context.addInitScript(
        "addEventListener('securitypolicyviolation',"
            + " (e) => console.error('breach of ' + e.violatedDirective + ' ' + e.blockedURI))");
    page = context.newPage();
    page.onConsoleMessage(
        message -> {
          String type = message.type();
          if ((type.equals("error") || type.equals("warning"))
              && !EXPECTED.matcher(message.text()).matches()) {
            troubles.add(type + ": " + message.text());
          }
        });
    page.onPageError(error -> troubles.add("error: " + error));
    page.onDialog(
        dialog -> {
          troubles.add("dialog: " + dialog.message());
          dialog.dismiss();
        });
    page.onRequest(
        request -> {
          if (!request.url().startsWith(origin + "/")) {
            troubles.add("request to " + request.url());
          }
        });
  }

  /** A tab of a desktop. */
  static DashboardTab open(Browser browser, DashboardServer server) {
    return open(browser, server.origin());
  }

  /** A tab of a desktop. */
  static DashboardTab open(Browser browser, String origin) {
    return open(browser, origin, 1280, 800, ColorScheme.LIGHT);
  }

  static DashboardTab open(
      Browser browser, DashboardServer server, int width, int height, ColorScheme scheme) {
    return open(browser, server.origin(), width, height, scheme);
  }

  private static DashboardTab open(
      Browser browser, String origin, int width, int height, ColorScheme scheme) {
    DashboardTab tab =
        new DashboardTab(
            browser,
            origin,
            new Browser.NewContextOptions().setViewportSize(width, height).setColorScheme(scheme));
    tab.page.navigate(origin + "/dashboard/");
    return tab;
  }

  Page page() {
    return page;
  }

  /** Types a token and waits for the overview. */
  DashboardTab signIn(String token) {
    page.getByLabel("Administrator’s token").fill(token);
    button("Sign in").click();
    assertThat(heading("Overview")).isVisible();
    return this;
  }

  /** Goes to a page by its address and waits for its heading. */
  DashboardTab go(String address, String heading) {
    page.evaluate("address => { location.hash = address }", address);
    assertThat(heading(heading)).isVisible();
    return this;
  }

  Locator heading(String name) {
    return page.getByRole(
        AriaRole.HEADING, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  Locator button(String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name));
  }

  /** The dialog in front. */
  Locator dialog() {
    return page.locator("dialog[open]");
  }

  /** A button of the dialog in front. */
  Locator dialogButton(String name) {
    return dialog()
        .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
  }

  /** A card by its title. */
  Locator card(String title) {
    return page.getByRole(
        AriaRole.REGION, new Page.GetByRoleOptions().setName(title).setExact(true));
  }

  /** A figure at the top of the overview by its name. */
  Locator figure(String name) {
    Locator named =
        page.locator(
            ".figure-name",
            new Page.LocatorOptions().setHasText(Pattern.compile("^" + name + "$")));
    return page.locator(".figure").filter(new Locator.FilterOptions().setHas(named));
  }

  /** A row that has a text. */
  Locator row(String text) {
    return page.getByRole(AriaRole.ROW).filter(new Locator.FilterOptions().setHasText(text));
  }

  /** A row of the inspector that has a text. */
  Locator inspected(String text) {
    return page.locator("#inspected")
        .getByRole(AriaRole.ROW)
        .filter(new Locator.FilterOptions().setHasText(text));
  }

  /** What happened that must not. */
  List<String> troubles() {
    return troubles;
  }

  void assertNoTrouble() {
    assertThat(troubles).isEmpty();
  }

  @Override
  public void close() {
    context.close();
  }
}
