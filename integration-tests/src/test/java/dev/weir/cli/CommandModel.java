// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import picocli.CommandLine.Model.CommandSpec;

/**
 * The program's commands as their parser knows them; in this package, since they are not public.
 */
public final class CommandModel {

  private CommandModel() {}

  /** The program, with all of its commands. */
  public static CommandSpec program() {
    return new Program(Shell.system()).commandLine().getCommandSpec();
  }
}
