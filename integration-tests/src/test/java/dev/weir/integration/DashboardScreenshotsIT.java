// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.weir.redis.fixtures.RequiresProgram;
import dev.weir.redis.fixtures.WindowGuard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pictures of the documents, taken of a server under load. With {@code
 * -Dweir.screenshots=FOLDER} they are written there, after a minute of load; otherwise they are
 * taken at once and thrown away.
 */
@RequiresProgram({"chromium", "node"})
@ExtendWith(Chromium.class)
@Timeout(300)
final class DashboardScreenshotsIT {

  private static final int MOST_BYTES = 1_000_000;
  private static final Duration LOAD = Duration.ofSeconds(60);

  @TempDir private Path folder;

  @Test
  void pictures_ofTheDocuments_areTaken(Browser browser) throws Exception {
    String wanted = System.getProperty("weir.screenshots", "");
    Path target = wanted.isEmpty() ? folder.resolve("pictures") : Path.of(wanted).toAbsolutePath();
    Files.createDirectories(target);
    Path files = Files.createDirectory(folder.resolve("server"));
    try (DashboardServer server = DashboardServer.start(files);
        DashboardLoad load = DashboardLoad.start(server);
        DashboardTab light = DashboardTab.open(browser, server, 1280, 860, ColorScheme.LIGHT);
        DashboardTab dark = DashboardTab.open(browser, server, 1280, 860, ColorScheme.DARK);
        DashboardTab phone = DashboardTab.open(browser, server, 360, 720, ColorScheme.LIGHT)) {
      server.administer("POST", "users", "{\"id\":\"carla\",\"tier\":\"free\"}");
      useUp(server);
      for (DashboardTab tab : new DashboardTab[] {light, dark, phone}) {
        tab.signIn(DashboardServer.ADMIN);
        tab.page().getByText("2 min").click();
        assertThat(tab.card("Most denied keys")).containsText("user=carla");
      }
      if (!wanted.isEmpty()) {
        Page page = light.page();
        page.waitForTimeout(LOAD.toMillis());
      }
      take(light, target.resolve("dashboard-overview.png"));
      take(dark, target.resolve("dashboard-dark.png"));
      take(phone, target.resolve("dashboard-phone.png"));

      useUp(server);
      light.go("#/keys?domain=api&key=user&value=carla", "Keys");
      assertThat(light.inspected("per-user · minute")).containsText("20 of 20");
      take(light, target.resolve("dashboard-keys.png"));

      light.go("#/policies", "Policies");
      String text = light.page().locator("textarea").inputValue();
      light.page().locator("textarea").fill(text.replace("10 per minute s", "10 per minuet s"));
      assertThat(light.page().locator(".problems li")).hasCount(1);
      take(light, target.resolve("dashboard-policies.png"));
      load.stop();
      light.assertNoTrouble();
    }
    assertThat(size(target)).isBetween(50_000L, (long) MOST_BYTES);
  }

  /** Checks of one user, within a minute of the wall clock, until ten are denied. */
  private static void useUp(DashboardServer server) throws InterruptedException {
    WindowGuard.awaitRoomInMinute(Duration.ofSeconds(10));
    int denied = 0;
    for (int i = 0; i < 1_000 && denied < 10; i++) {
      String answer =
          server.post(
              "/v1/check",
              "{\"domain\":\"api\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\"carla\"},"
                  + "{\"key\":\"tier\",\"value\":\"free\"}]}]}");
      denied += answer.contains("\"allowed\":false") ? 1 : 0;
    }
    assertThat(denied).isEqualTo(10);
  }

  private static void take(DashboardTab tab, Path file) {
    tab.page().evaluate("scrollTo(0, 0)");
    tab.page().screenshot(new Page.ScreenshotOptions().setPath(file).setTimeout(120_000));
  }

  private static long size(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("dashboard-"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    }
  }
}
