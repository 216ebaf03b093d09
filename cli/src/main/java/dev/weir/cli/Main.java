// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

/** The weir program. */
public final class Main {

  private Main() {}

  public static void main(String[] args) {
    System.exit(new Program(Shell.system()).run(args));
  }
}
