// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a load goes.
 *
 * @param host name or address, without brackets
 * @param port the port
 * @param path path and query, which may contain {@code {key}}
 */
record Target(String host, int port, String path) {

  private static final Pattern HTTP =
      Pattern.compile(
          "http://(?:\\[([0-9A-Fa-f:.]+)]|([^\\s:/?#@\\[\\]]+))(?::([0-9]{1,5}))?([/?][^\\s#]*)?");

  /**
   * Reads an address.
   *
   * @throws Failure if it is none
   */
  static Target of(String url) {
    Matcher matcher = HTTP.matcher(url);
    if (!matcher.matches()) {
      throw Failure.usage("--url: " + url + " (expected: http://HOST[:PORT][/PATH][?QUERY])");
    }
    String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    int port = matcher.group(3) == null ? 80 : Integer.parseInt(matcher.group(3));
    if (port < 1 || port > 65_535) {
      throw Failure.usage("--url: port " + port + " (expected: 1..65535)");
    }
    String path = matcher.group(4) == null ? "/" : matcher.group(4);
    return new Target(host, port, path.startsWith("?") ? "/" + path : path);
  }

  Target withPath(String other) {
    return new Target(host, port, other);
  }

  /** Host and port as in a Host field. */
  String authority() {
    String name = host.indexOf(':') < 0 ? host : '[' + host + ']';
    return port == 80 ? name : name + ':' + port;
  }

  @Override
  public String toString() {
    return "http://" + authority() + path;
  }
}
