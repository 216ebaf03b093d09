// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

/** How the lines of a log are written. */
public enum LogFormat {
  /** The common and the combined format of Apache and nginx, with anything after them. */
  COMBINED,
  /** One JSON object a line. */
  JSON,
  /** Values between delimiters, the first line naming the columns. */
  CSV
}
