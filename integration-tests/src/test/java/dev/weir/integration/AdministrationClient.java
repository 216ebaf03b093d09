// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.Loopback;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** An administrator of a process on this machine, by its administration port. */
final class AdministrationClient {

  private final HttpClient client;
  private final int port;
  private final String token;

  AdministrationClient(int port, String token) {
    this.client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    this.port = port;
    this.token = token;
  }

  HttpResponse<String> get(String path) {
    return send("GET", path, "");
  }

  HttpResponse<String> post(String path, String body) {
    return send("POST", path, body);
  }

  /**
   * @throws UncheckedIOException if there is no answer
   */
  HttpResponse<String> send(String method, String path, String body) {
    HttpRequest.Builder request =
        Loopback.request(
            port,
            method,
            path,
            body,
            "Authorization",
            "Bearer " + token,
            "Content-Type",
            "application/json");
    return Loopback.send(client, request.timeout(Duration.ofSeconds(20)));
  }

  /** Makes a user of a tier with one key, which is returned. */
  String user(String id, String tier) {
    HttpResponse<String> user =
        post("/admin/users", "{\"user_id\":\"" + id + "\",\"tier\":\"" + tier + "\"}");
    assertThat(user.statusCode()).as(user.body()).isEqualTo(200);
    return key(id);
  }

  /** Makes a key of a user. */
  String key(String user) {
    HttpResponse<String> key = post("/admin/api-keys", "{\"user_id\":\"" + user + "\"}");
    assertThat(key.statusCode()).as(key.body()).isEqualTo(200);
    return text(key, "api_key");
  }

  /** The first text of a name in an answer. */
  static String text(HttpResponse<String> answer, String name) {
    List<String> texts = texts(answer, name);
    assertThat(texts).as("%s in %s", name, answer.body()).isNotEmpty();
    return texts.getFirst();
  }

  /** All texts of a name in an answer. */
  static List<String> texts(HttpResponse<String> answer, String name) {
    return Pattern.compile('"' + name + "\":\"([^\"]*)\"")
        .matcher(answer.body())
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }

  /** All whole numbers of a name in an answer. */
  static List<Long> numbers(HttpResponse<String> answer, String name) {
    return Pattern.compile('"' + name + "\":(\\d+)")
        .matcher(answer.body())
        .results()
        .map((MatchResult found) -> Long.parseLong(found.group(1)))
        .toList();
  }
}
