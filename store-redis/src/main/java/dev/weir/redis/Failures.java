// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What went wrong at the bottom of a failure, in words for an operator. */
final class Failures {

  /* What a system call of Netty's puts before the system's own words. */
  private static final Pattern CALL =
      Pattern.compile("^\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ");

  private Failures() {}

  static String text(@Nullable Throwable failure) {
    Throwable cause = failure;
    while (cause != null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String text = cause == null ? null : cause.getMessage();
    return text == null ? String.valueOf(cause) : CALL.matcher(text).replaceFirst("");
  }
}
