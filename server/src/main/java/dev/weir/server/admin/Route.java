// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import dev.weir.server.wire.Query;
import io.vertx.core.http.HttpMethod;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Something that can be asked.
 *
 * @param method the method
 * @param path segments that are text or <code>{variable}</code>
 * @param role who may ask
 * @param parameters what the query may name
 * @param maxBytes the longest body; 0 if there is none
 * @param texts media types of bodies that are no JSON
 * @param worker whether it may block, and so is answered by a worker
 * @param handler answers it
 */
record Route(
    HttpMethod method,
    String path,
    Role role,
    Set<String> parameters,
    int maxBytes,
    Set<String> texts,
    boolean worker,
    Handler handler) {

  static final int MAX_BODY = 65_536;

  /** Answers a request; what it throws is answered as what it is. */
  @FunctionalInterface
  interface Handler {
    CompletionStage<Reply> handle(Visit visit);
  }

  static Route get(String path, Role role, Handler handler) {
    return new Route(HttpMethod.GET, path, role, Set.of(), 0, Set.of(), false, handler);
  }

  static Route post(String path, Role role, Handler handler) {
    return changing(HttpMethod.POST, path, role, handler);
  }

  static Route put(String path, Role role, Handler handler) {
    return changing(HttpMethod.PUT, path, role, handler);
  }

  static Route patch(String path, Role role, Handler handler) {
    return changing(HttpMethod.PATCH, path, role, handler);
  }

  static Route delete(String path, Role role, Handler handler) {
    return changing(HttpMethod.DELETE, path, role, handler);
  }

  private static Route changing(HttpMethod method, String path, Role role, Handler handler) {
    return new Route(method, path, role, Set.of(), MAX_BODY, Set.of(), false, handler);
  }

  /** The same, whose query may name these. */
  Route query(String... names) {
    return new Route(method, path, role, Set.of(names), maxBytes, texts, worker, handler);
  }

  /** The same with longer bodies, which may be texts of these types. */
  Route bodies(int max, String... types) {
    return new Route(method, path, role, parameters, max, Set.of(types), worker, handler);
  }

  /** The same on a worker. */
  Route blocking() {
    return new Route(method, path, role, parameters, maxBytes, texts, true, handler);
  }

  /**
   * The variables of a path that this one is, decoded.
   *
   * @throws dev.weir.server.wire.BadRequest if an escape is broken
   */
  Optional<Map<String, String>> match(String given) {
    List<String> segments = split(path);
    List<String> parts = split(given);
    if (segments.size() != parts.size()) {
      return Optional.empty();
    }
    Map<String, String> variables = new LinkedHashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      String segment = segments.get(i);
      if (!segment.startsWith("{")) {
        if (!segment.equals(parts.get(i))) {
          return Optional.empty();
        }
      } else if (parts.get(i).isEmpty()) {
        return Optional.empty();
      } else {
        variables.put(segment.substring(1, segment.length() - 1), parts.get(i));
      }
    }
    variables.replaceAll((name, text) -> Query.decode(text, false));
    return Optional.of(variables);
  }

  private static List<String> split(String text) {
    return List.of(text.split("/", -1));
  }

  /** Method and path as written, which is no caller's text. */
  @Override
  public String toString() {
    return method + " " + path;
  }
}
