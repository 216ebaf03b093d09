// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The routes by path: those of one literal path are found at once and go first, the others are
 * tried in the order of the configuration.
 */
final class RouteTable {

  /** What a path leads to: a route, or the methods that would have led to one. */
  record Found(@Nullable Route route, Map<String, String> variables, Set<String> methods) {}

  private final Map<String, List<Route>> literal = new HashMap<>();
  private final List<Route> patterns = new ArrayList<>();

  RouteTable(List<Route> routes) {
    for (Route route : routes) {
      if (route.path().isLiteral()) {
        literal.computeIfAbsent(route.path().text(), path -> new ArrayList<>()).add(route);
      } else {
        patterns.add(route);
      }
    }
  }

  /** Empty if no route has this path. */
  Optional<Found> find(String path, String method) {
    Set<String> methods = null;
    List<Route> exact = literal.get(path);
    if (exact != null) {
      methods = new LinkedHashSet<>();
      for (Route route : exact) {
        if (route.serves(method)) {
          return Optional.of(new Found(route, Map.of(), Set.of()));
        }
        methods.addAll(route.methods());
      }
    }
    for (Route route : patterns) {
      Optional<Map<String, String>> variables = route.path().match(path);
      if (variables.isPresent()) {
        if (route.serves(method)) {
          return Optional.of(new Found(route, variables.get(), Set.of()));
        }
        methods = methods == null ? new LinkedHashSet<>() : methods;
        methods.addAll(route.methods());
      }
    }
    return methods == null ? Optional.empty() : Optional.of(new Found(null, Map.of(), methods));
  }
}
