// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import org.jspecify.annotations.Nullable;

/** Takes the lines of one format apart. Used by one thread; never throws, whatever a line holds. */
interface LineParser {

  /** What a line without a time is told to be. */
  String NO_TIME = "no time that can be read";

  /**
   * Fills a record from a line.
   *
   * @param bytes holds the line
   * @param from where it begins
   * @param to where it ends, its line break left out
   * @return null, or what is wrong with the line
   */
  @Nullable String parse(byte[] bytes, int from, int to, LogRecord record);
}
