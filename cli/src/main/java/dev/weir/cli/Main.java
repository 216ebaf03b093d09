// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

/** The weir program. */
public final class Main {

  private Main() {}

  public static void main(String[] args) {
    System.exit(run(Shell.system(), args));
  }

  /** Runs a command line and returns the exit status. */
  static int run(Shell shell, String[] args) {
    return ServeCommand.runPlain(shell, args).orElseGet(() -> new Program(shell).run(args));
  }
}
