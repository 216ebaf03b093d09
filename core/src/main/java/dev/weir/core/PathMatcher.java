// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.ArrayList;
import java.util.List;

/** A path template, compiled. */
final class PathMatcher implements Matcher {

  private static final int MAX_SEGMENTS = 64;

  /** One segment of a template; a tail stands for all that follows. */
  sealed interface Segment {
    record Literal(String text) implements Segment {}

    record Variable(String name) implements Segment {}

    record Tail(String name) implements Segment {}
  }

  private final String template;
  private final List<Segment> segments;

  private PathMatcher(String template, List<Segment> segments) {
    this.template = template;
    this.segments = segments;
  }

  static PathMatcher parse(String template) {
    if (!template.startsWith("/")) {
      throw bad(template, "a path that starts with /");
    }
    List<Segment> segments = new ArrayList<>();
    int end = end(template);
    for (int at = 1; at <= end; ) {
      int next = segmentEnd(template, at, end);
      if (!segments.isEmpty() && segments.getLast() instanceof Segment.Tail) {
        throw bad(template, "nothing after a tail");
      }
      segments.add(segment(template, template.substring(at, next)));
      at = next + 1;
    }
    Require.within("path segments", segments.size(), 0, MAX_SEGMENTS);
    PathMatcher matcher = new PathMatcher(template, List.copyOf(segments));
    List<String> names = matcher.variables();
    if (names.stream().distinct().count() != names.size()) {
      throw bad(template, "each variable once");
    }
    return matcher;
  }

  private static Segment segment(String template, String text) {
    if (text.isEmpty()) {
      throw bad(template, "no empty segment");
    }
    if (text.equals("*")) {
      return new Segment.Variable("");
    }
    if (text.equals("**")) {
      return new Segment.Tail("");
    }
    if (text.startsWith("{") && text.endsWith("}")) {
      boolean tail = text.endsWith("...}");
      String name = text.substring(1, text.length() - (tail ? 4 : 1));
      if (name.isEmpty() || name.chars().anyMatch(c -> !nameCharacter(c))) {
        throw bad(template, "variables of letters, digits, '_' and '-', such as {id} or {rest...}");
      }
      return tail ? new Segment.Tail(name) : new Segment.Variable(name);
    }
    if (text.indexOf('{') >= 0 || text.indexOf('}') >= 0 || text.indexOf('*') >= 0) {
      throw bad(template, "a variable or * to be a whole segment");
    }
    return new Segment.Literal(text);
  }

  private static boolean nameCharacter(int c) {
    return c < 0x80 && (Character.isLetterOrDigit(c) || c == '_' || c == '-');
  }

  private static IllegalArgumentException bad(String template, String expectation) {
    return new IllegalArgumentException(
        "path template: \"" + template + "\" (expected: " + expectation + ")");
  }

  List<Segment> segments() {
    return segments;
  }

  /** Names of the variables, in order. */
  List<String> variables() {
    List<String> names = new ArrayList<>();
    for (Segment segment : segments) {
      String name =
          switch (segment) {
            case Segment.Literal literal -> "";
            case Segment.Variable variable -> variable.name();
            case Segment.Tail tail -> tail.name();
          };
      if (!name.isEmpty()) {
        names.add(name);
      }
    }
    return names;
  }

  /** Position of the variable among the segments. */
  int position(String variable) {
    int at = 0;
    while (!segments.get(at).equals(new Segment.Variable(variable))
        && !segments.get(at).equals(new Segment.Tail(variable))) {
      at++;
    }
    return at;
  }

  @Override
  public boolean matches(String path) {
    if (path.isEmpty() || path.charAt(0) != '/') {
      return false;
    }
    int end = end(path);
    int at = 1;
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segments.get(i);
      if (segment instanceof Segment.Tail) {
        return true;
      }
      int next = segmentEnd(path, at, end);
      if (next <= at) {
        return false;
      }
      if (segment instanceof Segment.Literal literal
          && !(literal.text.length() == next - at && path.startsWith(literal.text, at))) {
        return false;
      }
      at = next + 1;
    }
    return at > end;
  }

  /** What the segment at a position stands for in a path that matches. */
  String value(String path, int position) {
    int end = end(path);
    int at = 1;
    for (int i = 0; i < position; i++) {
      at = segmentEnd(path, at, end) + 1;
    }
    if (segments.get(position) instanceof Segment.Tail) {
      return at >= end ? "" : path.substring(at, end);
    }
    return path.substring(at, segmentEnd(path, at, end));
  }

  /** Where the path ends, one last slash left out; 0 for the root. */
  static int end(String path) {
    int length = path.length();
    return path.charAt(length - 1) == '/' ? length - 1 : length;
  }

  /** Where the segment ends that starts at a position; its start where there is none. */
  static int segmentEnd(String path, int at, int end) {
    int slash = at > end ? at : path.indexOf('/', at);
    return slash < 0 || slash > end ? end : slash;
  }

  @Override
  public String toString() {
    return template;
  }
}
