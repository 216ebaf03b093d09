// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import org.jspecify.annotations.Nullable;

/** Takes request targets (RFC 9112, 3.2) apart. */
final class Targets {

  private Targets() {}

  /** The path: without query and fragment, and of a URL what comes after its host. */
  static String path(String target) {
    int from = 0;
    if (!target.startsWith("/")) {
      int scheme = target.indexOf("://");
      if (scheme > 0) {
        from = target.indexOf('/', scheme + 3);
        if (from < 0) {
          return "/";
        }
      }
    }
    int to = target.length();
    for (int i = from; i < to; i++) {
      char c = target.charAt(i);
      if (c == '?' || c == '#') {
        to = i;
      }
    }
    return target.substring(from, to);
  }

  /** What follows the question mark; null if there is none. */
  static @Nullable String query(String target) {
    int mark = target.indexOf('?');
    if (mark < 0) {
      return null;
    }
    int fragment = target.indexOf('#', mark);
    return target.substring(mark + 1, fragment < 0 ? target.length() : fragment);
  }

  /** The first parameter of that name, as it was sent; null if there is none. */
  static @Nullable String parameter(String target, String name) {
    String query = query(target);
    int from = 0;
    while (query != null && from <= query.length()) {
      int end = query.indexOf('&', from);
      int to = end < 0 ? query.length() : end;
      int equals = query.indexOf('=', from);
      int nameEnd = equals < 0 || equals > to ? to : equals;
      if (nameEnd - from == name.length() && query.startsWith(name, from)) {
        return nameEnd == to ? "" : query.substring(nameEnd + 1, to);
      }
      from = to + 1;
    }
    return null;
  }
}
