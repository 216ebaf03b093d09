// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Why a file cannot be read, in words. */
final class Unreadable {

  private Unreadable() {}

  /** What is to be told of a file or folder after its name. */
  static String why(IOException error) {
    return switch (error) {
      case NoSuchFileException missing -> "no such file: " + missing.getFile();
      case AccessDeniedException denied -> "may not be read: " + denied.getFile();
      default -> "cannot be read: " + error.getMessage();
    };
  }
}
