// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.http;

import java.util.Locale;

/** Whether media types of a request's fields mean JSON. */
final class MediaTypes {

  private MediaTypes() {}

  static boolean isJson(String contentType) {
    if (contentType.equals("application/json")) {
      return true;
    }
    String type = essence(contentType);
    // curl names forms unless it is told otherwise; what it sends is judged by what it says.
    return type.equals("application/json")
        || type.equals("application/x-www-form-urlencoded")
        || type.startsWith("application/") && type.endsWith("+json");
  }

  static boolean admitsJson(String accept) {
    if (accept.equals("*/*") || accept.equals("application/json")) {
      return true;
    }
    for (String range : accept.split(",", -1)) {
      String type = essence(range);
      if (type.equals("*/*") || type.equals("application/*") || type.equals("application/json")) {
        return true;
      }
    }
    return accept.isBlank();
  }

  private static String essence(String value) {
    int parameters = value.indexOf(';');
    String type = parameters < 0 ? value : value.substring(0, parameters);
    return type.strip().toLowerCase(Locale.ROOT);
  }
}
