// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import dev.weir.server.wire.Query;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A path of a route: segments that are text, <code>{variable}</code>, which is any one segment, or
 * at the end {@code **}, which is any rest.
 */
public final class PathTemplate {

  private final String text;
  private final List<String> segments;
  private final boolean open;
  private final boolean literal;

  private PathTemplate(String text, List<String> segments, boolean open) {
    this.text = text;
    this.segments = List.copyOf(segments);
    this.open = open;
    this.literal = !open && segments.stream().noneMatch(PathTemplate::isVariable);
  }

  /**
   * @throws IllegalArgumentException if the text is no template
   */
  public static PathTemplate of(String text) {
    if (!text.startsWith("/")) {
      throw wrong(text, "a path that starts with '/'");
    }
    List<String> segments = split(text);
    boolean open = segments.getLast().equals("**");
    List<String> fixed = open ? segments.subList(0, segments.size() - 1) : segments;
    List<String> names = new ArrayList<>();
    for (String segment : fixed) {
      boolean braces = segment.indexOf('{') >= 0 || segment.indexOf('}') >= 0;
      if (braces && !segment.matches("\\{[A-Za-z_][A-Za-z0-9_-]*}") || segment.contains("*")) {
        throw wrong(text, "segments of text, {variable}, or ** at the end");
      }
      if (braces && names.contains(segment)) {
        throw wrong(text, "each variable once");
      }
      names.add(segment);
    }
    return new PathTemplate(text, fixed, open);
  }

  private static IllegalArgumentException wrong(String text, String expected) {
    return new IllegalArgumentException("path: \"" + text + "\" (expected: " + expected + ")");
  }

  /** Whether it matches one path only. */
  boolean isLiteral() {
    return literal;
  }

  String text() {
    return text;
  }

  /** Whether it has a variable of this name. */
  public boolean hasVariable(String name) {
    return segments.contains("{" + name + "}");
  }

  /** The variables of a path that matches, decoded. */
  Optional<Map<String, String>> match(String path) {
    if (literal) {
      return path.equals(text) ? Optional.of(Map.of()) : Optional.empty();
    }
    List<String> given = split(path);
    if (given.size() < segments.size() || !open && given.size() > segments.size()) {
      return Optional.empty();
    }
    Map<String, String> variables = new LinkedHashMap<>();
    for (int i = 0; i < segments.size(); i++) {
      String segment = segments.get(i);
      if (isVariable(segment)) {
        if (given.get(i).isEmpty()) {
          return Optional.empty();
        }
        variables.put(
            segment.substring(1, segment.length() - 1), Query.decode(given.get(i), false));
      } else if (!segment.equals(given.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(variables);
  }

  private static boolean isVariable(String segment) {
    return segment.startsWith("{");
  }

  private static List<String> split(String path) {
    return List.of(path.substring(1).split("/", -1));
  }

  @Override
  public String toString() {
    return text;
  }
}
