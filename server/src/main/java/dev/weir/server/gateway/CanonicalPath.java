// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import dev.weir.server.wire.BadRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a path in the one way that routes and counters know it by (RFC 3986, 6.2.2): letters that
 * need no escape stand unescaped, other escapes in upper case, dot segments are resolved and
 * slashes are single. Else {@code /%6cogin} would pass by the route of {@code /login} and reach the
 * same page, and each spelling would have a counter of its own.
 */
final class CanonicalPath {

  private CanonicalPath() {}

  /**
   * @throws BadRequest if an escape is broken
   */
  static String of(String path) {
    boolean plain = path.indexOf('%') < 0 && path.indexOf("//") < 0 && path.indexOf("/.") < 0;
    if (plain || !path.startsWith("/")) {
      return path;
    }
    return resolved(unescaped(path));
  }

  private static String unescaped(String path) {
    StringBuilder text = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c != '%') {
        text.append(c);
        continue;
      }
      int high = i < path.length() - 2 ? Character.digit(path.charAt(i + 1), 16) : -1;
      int low = i < path.length() - 2 ? Character.digit(path.charAt(i + 2), 16) : -1;
      if (high < 0 || low < 0) {
        throw BadRequest.of("request target", path, "two hexadecimal digits after '%'");
      }
      char meant = (char) (high << 4 | low);
      if (isUnreserved(meant)) {
        text.append(meant);
      } else {
        text.append('%').append(upper(path.charAt(i + 1))).append(upper(path.charAt(i + 2)));
      }
      i += 2;
    }
    return text.toString();
  }

  private static char upper(char digit) {
    return digit >= 'a' ? (char) (digit - 'a' + 'A') : digit;
  }

  private static boolean isUnreserved(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '-'
        || c == '.'
        || c == '_'
        || c == '~';
  }

  private static String resolved(String path) {
    List<String> kept = new ArrayList<>();
    String[] segments = path.split("/", -1);
    boolean open = false;
    for (int i = 1; i < segments.length; i++) {
      String segment = segments[i];
      open = segment.isEmpty() || segment.equals(".") || segment.equals("..");
      if (segment.equals("..") && !kept.isEmpty()) {
        kept.removeLast();
      } else if (!open) {
        kept.add(segment);
      }
    }
    String whole = "/" + String.join("/", kept);
    return open && !kept.isEmpty() ? whole + "/" : whole;
  }
}
