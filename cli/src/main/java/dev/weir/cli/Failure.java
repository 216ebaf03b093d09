// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** Ends a command: what its user reads, and the exit status. */
final class Failure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private Failure(int exitCode, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  static Failure usage(String message) {
    return new Failure(ExitCode.USAGE, message, null);
  }

  static Failure configuration(String message, Throwable cause) {
    return new Failure(ExitCode.CONFIGURATION, message, cause);
  }

  /** A file that cannot be read. */
  static Failure unreadable(String file, IOException error) {
    String why =
        error instanceof NoSuchFileException
            ? "no such file"
            : error instanceof AccessDeniedException
                ? "may not be read"
                : "cannot be read (" + error.getMessage() + ")";
    return configuration(file + ": " + why, error);
  }

  /** A file that cannot be written. */
  static Failure unwritable(String file, IOException error) {
    String why =
        error instanceof NoSuchFileException
            ? "no such folder"
            : error instanceof AccessDeniedException
                ? "may not be written"
                : "cannot be written (" + error.getMessage() + ")";
    return configuration(file + ": " + why, error);
  }

  static Failure network(String message, Throwable cause) {
    return new Failure(ExitCode.NETWORK, message, cause);
  }

  static Failure network(String message) {
    return new Failure(ExitCode.NETWORK, message, null);
  }

  /**
   * Tells of an error and returns the exit status.
   *
   * @param command the command as it was typed, such as {@code weir serve}
   * @param stack whether the stack trace is wanted, too
   */
  static int tell(Exception error, String command, boolean stack, PrintWriter err) {
    if (!(error instanceof Failure failure)) {
      err.println("weir: unexpected: " + error);
      error.printStackTrace(err);
      return ExitCode.INTERNAL;
    }
    String prefix =
        switch (failure.exitCode) {
          case ExitCode.USAGE -> command + ": ";
          // A file's problems start with its name, as editors and other programs expect.
          case ExitCode.CONFIGURATION -> "";
          default -> "weir: ";
        };
    failure.text().lines().forEach(line -> err.println(prefix + line));
    if (stack) {
      error.printStackTrace(err);
    }
    return failure.exitCode;
  }

  /* What stands in a file or comes from a server must not steer the terminal that shows it. */
  private static String printable(String text) {
    if (text.chars().noneMatch(Failure::control)) {
      return text;
    }
    StringBuilder shown = new StringBuilder(text.length() + 16);
    text.chars()
        .forEach(
            c -> {
              if (control(c)) {
                shown.append("\\u%04x".formatted(c));
              } else {
                shown.append((char) c);
              }
            });
    return shown.toString();
  }

  private static boolean control(int c) {
    return Character.isISOControl(c) && c != '\t' && c != '\n';
  }

  int exitCode() {
    return exitCode;
  }

  String text() {
    return printable(String.valueOf(getMessage()));
  }
}
