// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static java.util.Objects.requireNonNull;

/**
 * One thing that is wrong with a file.
 *
 * @param file the file's name
 * @param line where; from 1
 * @param column where in the line; from 1
 * @param path which value, such as {@code policies[2].limits[0].rate}; empty for the whole file
 * @param message what was found and what was expected
 */
public record Problem(String file, int line, int column, String path, String message) {
  public Problem {
    requireNonNull(file, "file");
    requireNonNull(path, "path");
    requireNonNull(message, "message");
  }

  /** {@code FILE:LINE:COLUMN: PATH: MESSAGE}. */
  @Override
  public String toString() {
    String where = file + ':' + line + ':' + column + ": ";
    return path.isEmpty() ? where + message : where + path + ": " + message;
  }
}
