// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Reads the events of {@code /v1/admin/live} as they come. */
final class EventReader implements AutoCloseable {

  /** An event by its name. */
  record Event(String name, JsonObject data) {}

  private final HttpResponse<InputStream> answer;
  private final BufferedReader lines;

  private EventReader(HttpResponse<InputStream> answer) {
    this.answer = answer;
    this.lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
  }

  static EventReader open(HttpClient client, int port, String token)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/admin/live"))
            .header("Authorization", "Bearer " + token)
            .build();
    return new EventReader(client.send(request, HttpResponse.BodyHandlers.ofInputStream()));
  }

  HttpResponse<InputStream> answer() {
    return answer;
  }

  /** The next event; none if the answer ended whole. */
  Optional<Event> next() throws IOException {
    String first = lines.readLine();
    if (first == null) {
      return Optional.empty();
    }
    String data = lines.readLine();
    String end = lines.readLine();
    if (!first.startsWith("event: ") || !data.startsWith("data: ") || !end.isEmpty()) {
      throw new IOException("no event: " + first + '|' + data + '|' + end);
    }
    return Optional.of(
        new Event(first.substring("event: ".length()), new JsonObject(data.substring(6))));
  }

  /** The data of the next event, which has to be one of figures. */
  JsonObject figures() throws IOException {
    Event event = next().orElseThrow(() -> new IOException("the stream ended"));
    if (!event.name.equals("live")) {
      throw new IOException("expected: figures; got: " + event);
    }
    return event.data;
  }

  @Override
  public void close() throws IOException {
    answer.body().close();
  }
}
