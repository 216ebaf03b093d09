// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

/** What the program tells its caller by its exit status. */
final class ExitCode {

  /** It did what was asked; a check was allowed. */
  static final int OK = 0;

  /** A check was denied, or no request of a load got an answer. */
  static final int DENIED = 1;

  /** The command line cannot be understood. */
  static final int USAGE = 2;

  /** A configuration or policy file is missing, unreadable or wrong. */
  static final int CONFIGURATION = 3;

  /** An address cannot be bound or reached, or what answers there is no Weir. */
  static final int NETWORK = 4;

  /** A fault of the program itself. */
  static final int INTERNAL = 5;

  private ExitCode() {}
}
