// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.assertions.LocatorAssertions;
import dev.weir.redis.fixtures.Ports;
import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.redis.fixtures.RequiresProgram;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the dashboard shows while what it tells of goes and comes back. */
@RequiresProgram({"chromium", "node", "bash"})
@ExtendWith(Chromium.class)
@Timeout(300)
final class DashboardOutageIT {

  private static final Path PROGRAM =
      Path.of(System.getProperty("weir.home")).toAbsolutePath().resolve("bin/weir");
  private static final Duration PATIENT = Duration.ofSeconds(60);
  private static final String TOKEN = "the-token-of-one-test-0123";

  @TempDir private Path folder;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private Process server;

  @AfterEach
  void end() throws InterruptedException {
    client.close();
    if (server != null) {
      kill();
    }
  }

  /** Ends the server by SIGKILL. */
  private void kill() throws InterruptedException {
    server.destroyForcibly();
    assertThat(server.waitFor(20, TimeUnit.SECONDS)).isTrue();
  }

  private void start(Path file, int port) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(PROGRAM.toString(), "serve", "--config", file.toString());
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("WEIR_") && !name.endsWith("JAVA_HOME"));
    Path log = folder.resolve("weir.log");
    server =
        builder
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    await()
        .atMost(PATIENT)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(
            () -> {
              if (!server.isAlive()) {
                throw new IllegalStateException(Files.readString(log));
              }
              return get(port, "/health/ready") == 200;
            });
  }

  private int get(int port, String target) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target)).build();
    return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  @Test
  void serverKilledAndStartedAgain_isToldAndThenLiveAgain(Browser browser) throws Exception {
    int[] ports = Ports.free(2);
    Path file = folder.resolve("weir.yaml");
    Files.writeString(
        file,
        """
        version: 1
        log: { level: warn }
        listeners:
          - { name: public, host: 127.0.0.1, port: %d, serves: [api, health] }
          - { name: admin, host: 127.0.0.1, port: %d, serves: [admin] }
        admin: { token: %s }
        policies:
          - { name: per-user, domain: api, key: user, limits: [{ name: q, rate: 100 per day }] }
        """
            .formatted(ports[0], ports[1], TOKEN));
    start(file, ports[0]);
    try (DashboardTab tab = DashboardTab.open(browser, "http://127.0.0.1:" + ports[1])) {
      tab.signIn(TOKEN);
      for (int i = 0; i < 3; i++) {
        assertThat(get(ports[0], "/v1/check?domain=api&user=a")).isEqualTo(200);
      }
      assertThat(tab.figure("Decisions")).containsText("3 so far");
      kill();
      Locator status = tab.page().locator(".live-status");
      assertThat(status).containsText("Not live: ");
      start(file, ports[0]);
      assertThat(status)
          .hasText(
              Pattern.compile("^Live · .*"),
              new LocatorAssertions.HasTextOptions().setTimeout(PATIENT.toMillis()));
      assertThat(tab.figure("Decisions")).containsText("0 so far");
      for (int i = 0; i < 2; i++) {
        assertThat(get(ports[0], "/v1/check?domain=api&user=b")).isEqualTo(200);
      }
      assertThat(tab.figure("Decisions")).containsText("2 so far");
      // The server's absence, and nothing else.
      assertThat(tab.troubles()).allMatch(each -> each.contains("net::ERR_"));
    }
  }

  @Test
  void instancesOfOneRedis_areShown_andWhatBecomesOfThemAndOfRedis(Browser browser)
      throws Exception {
    Path one = Files.createDirectory(folder.resolve("one"));
    Path two = Files.createDirectory(folder.resolve("two"));
    try (RedisProcess redis = RedisProcess.start()) {
      String store = "  redis: { url: \"%s\", timeout: 5s }".formatted(redis.url());
      try (DashboardServer first = DashboardServer.start(one, store, DashboardServer.POLICIES);
          DashboardTab tab = DashboardTab.open(browser, first).signIn(DashboardServer.VIEWER)) {
        try (DashboardServer second = DashboardServer.start(two, store, DashboardServer.POLICIES)) {
          assertThat(tab.figure("Instances")).hasText(Pattern.compile("^Instances2.*"));
          assertThat(rows(tab)).hasCount(2);
          assertThat(rows(tab).filter(having("this one"))).hasCount(1);
          assertThat(tab.card("Instances")).containsText("that share one store");
          assertThat(tab.figure("Store"))
              .hasText(Pattern.compile("^StoreRedis.*up · breaker closed.*"));
          // What one has decided counts on the other, and its row tells that it was there.
          assertThat(second.check("api", "user", "shared", 10)).contains("\"remaining\":0");
          assertThat(first.check("api", "user", "shared", 1)).contains("\"allowed\":false");
          try (DashboardLoad load = DashboardLoad.start(second)) {
            assertThat(
                    rows(tab)
                        .filter(new Locator.FilterOptions().setHasNotText("this one"))
                        .locator("td")
                        .nth(1))
                .hasText(Pattern.compile("[1-9][\\d,.]*"));
            load.stop();
          }
        }
        assertThat(rows(tab)).hasCount(1);
        assertThat(tab.figure("Instances")).hasText(Pattern.compile("^Instances1.*"));
        redis.kill();
        assertThat(tab.figure("Store")).containsText("away");
        redis.restart();
        assertThat(tab.figure("Store"))
            .hasText(
                Pattern.compile("^StoreRedis.*up · breaker closed.*"),
                new LocatorAssertions.HasTextOptions().setTimeout(PATIENT.toMillis()));
        tab.assertNoTrouble();
      }
    }
  }

  /** The rows of the table of instances. */
  private static Locator rows(DashboardTab tab) {
    return tab.card("Instances").locator("tbody tr");
  }

  private static Locator.FilterOptions having(String text) {
    return new Locator.FilterOptions().setHasText(text);
  }
}
