// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.core.TimeSource;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

/** Runs the program as if it were typed, and keeps what it prints. */
final class Terminal {

  /** What a command left behind. */
  record Outcome(int exitCode, String out, String err) {}

  private final Map<String, String> environment;
  private final TimeSource time;

  Terminal() {
    this(Map.of(), TimeSource.system());
  }

  Terminal(Map<String, String> environment, TimeSource time) {
    this.environment = environment;
    this.time = time;
  }

  Outcome run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Shell shell = new Shell(new PrintWriter(out), new PrintWriter(err), false, environment, time);
    int exitCode = Main.run(shell, arguments);
    shell.out().flush();
    shell.err().flush();
    return new Outcome(exitCode, out.toString(), err.toString());
  }
}
