// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import picocli.CommandLine.Option;

/** The options that every command has. */
final class CommonOptions {

  // Its option shows the help before a command would see it.
  @SuppressWarnings("UnusedVariable")
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean help;

  @Option(names = "--verbose", description = "Show the stack trace of an error.")
  private boolean verbose;

  boolean verbose() {
    return verbose;
  }
}
