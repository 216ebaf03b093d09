// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.dashboard.DashboardFiles;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How the pages of the dashboard are served. */
class DashboardPagesTest {

  private static AdminServer server;

  @BeforeAll
  static void start() {
    server = AdminServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static HttpResponse<String> get(String target, String... headers) {
    return server.send("GET", target, "", headers);
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  private static void assertProtected(HttpResponse<?> answer) {
    Set<String> policy =
        Arrays.stream(header(answer, "Content-Security-Policy").split(";", -1))
            .map(String::strip)
            .collect(Collectors.toSet());
    assertThat(policy)
        .containsExactlyInAnyOrder(
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "font-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'");
    assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(header(answer, "Referrer-Policy")).isEqualTo("no-referrer");
    assertThat(header(answer, "Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
    assertThat(header(answer, "Cross-Origin-Resource-Policy")).isEqualTo("same-origin");
    assertThat(header(answer, "Set-Cookie")).isEmpty();
  }

  @Test
  void root_leadsToTheDashboard() {
    for (String target : List.of("/", "/dashboard", "/?x=1")) {
      HttpResponse<String> answer = get(target);
      assertThat(answer.statusCode()).as(target).isEqualTo(302);
      assertThat(header(answer, "Location")).isEqualTo("/dashboard/");
      assertProtected(answer);
    }
  }

  @Test
  void everyFile_isServedAsItIs_withItsTypeAndTag() {
    DashboardFiles.read()
        .forEach(
            (name, bytes) -> {
              HttpResponse<String> answer = get("/dashboard/" + name);
              assertThat(answer.statusCode()).as(name).isEqualTo(200);
              assertThat(answer.body().getBytes(StandardCharsets.UTF_8)).hasSize(bytes.length);
              assertThat(header(answer, "Content-Type"))
                  .as(name)
                  .isNotEqualTo("application/octet-stream");
              assertProtected(answer);
              String tag = header(answer, "ETag");
              assertThat(tag).matches("\"[0-9a-f]{32}\"");
              for (String known : List.of(tag, "W/" + tag, "\"other\", " + tag, "*")) {
                HttpResponse<String> again = get("/dashboard/" + name, "If-None-Match", known);
                assertThat(again.statusCode()).as(known).isEqualTo(304);
                assertThat(again.body()).isEmpty();
                assertThat(header(again, "ETag")).isEqualTo(tag);
                assertProtected(again);
              }
              assertThat(get("/dashboard/" + name, "If-None-Match", "\"other\"").statusCode())
                  .isEqualTo(200);
              HttpResponse<String> head = server.send("HEAD", "/dashboard/" + name, "");
              assertThat(head.statusCode()).isEqualTo(200);
              assertThat(header(head, "Content-Length")).isEqualTo(Integer.toString(bytes.length));
            });
  }

  @Test
  void folder_isItsIndex() {
    HttpResponse<String> index = get("/dashboard/");
    assertThat(index.statusCode()).isEqualTo(200);
    assertThat(header(index, "Content-Type")).isEqualTo("text/html; charset=utf-8");
    assertThat(index.body()).isEqualTo(get("/dashboard/index.html").body());
    assertProtected(index);
  }

  @Test
  void paths_thatAreNoFile_findNothing() throws Exception {
    for (String path :
        List.of(
            "/dashboard/nothing.js",
            "/dashboard/../dashboard/index.html",
            "/dashboard/..%2fDashboardFiles.class",
            "/dashboard/%2e%2e/DashboardFiles.class",
            "/dashboard/../DashboardFiles.class",
            "/dashboard//etc/passwd",
            "/dashboard/./index.html",
            "/dashboard/index.html/",
            "/dashboard/index.html%00",
            "/dashboard/INDEX.HTML",
            "/dashboard/\\..\\index.html")) {
      try (RawClient client = new RawClient(server.port())) {
        String answer = client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n").readAnswer();
        assertThat(answer).as(path).startsWith("HTTP/1.1 404 ").contains("nosniff");
      }
    }
  }

  @Test
  void otherMethods_areRefusedWithAllow() {
    for (String target : List.of("/", "/dashboard/", "/dashboard/index.html")) {
      for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS")) {
        HttpResponse<String> answer = server.send(method, target, "");
        assertThat(answer.statusCode()).as(method + target).isEqualTo(405);
        assertThat(header(answer, "Allow")).isEqualTo("GET, HEAD");
      }
    }
  }

  @Test
  void otherListeners_andThoseToldNotTo_serveNone() {
    for (String target : List.of("/", "/dashboard/", "/dashboard/index.html")) {
      assertThat(server.server().get(target).statusCode()).as(target).isEqualTo(404);
    }
    Configuration without =
        TestConfiguration.of(
            """
            version: 1
            listeners: [{ name: admin, port: 0, serves: [admin] }]
            admin: { token: sixteen-characters, dashboard: false, instance: web-7 }
            policies: none
            """);
    try (TestServer quiet = TestServer.start(without)) {
      for (String target : List.of("/", "/dashboard/", "/dashboard/index.html")) {
        assertThat(quiet.get(target).statusCode()).as(target).isEqualTo(404);
      }
      HttpResponse<String> instances =
          quiet.get("/v1/admin/instances", "Authorization", "Bearer sixteen-characters");
      assertThat(instances.statusCode()).isEqualTo(200);
      assertThat(instances.body()).contains("\"name\":\"web-7\"");
    }
    assertThat(
            TestConfiguration.problems(
                "version: 1\nadmin: { dashboard: maybe, instance: 'a b' }\npolicies: none\n"))
        .contains(
            "admin.dashboard: \"maybe\" (expected: true or false)",
            "admin.instance: \"a b\" (expected: 1..64 letters, digits and . : _ -)");
  }
}
