// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.core.TimeSource;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a command sees of the world around it.
 *
 * @param out where results go
 * @param err where errors and progress go
 * @param live whether {@code err} is a terminal, on which a line can be written over
 * @param environment the environment's variables
 * @param time the clock
 */
record Shell(
    PrintWriter out,
    PrintWriter err,
    boolean live,
    Map<String, String> environment,
    TimeSource time) {

  static Shell system() {
    return new Shell(
        writer(FileDescriptor.out),
        writer(FileDescriptor.err),
        isTerminal(),
        System.getenv(),
        TimeSource.system());
  }

  /** Shows how far long work is; on a terminal in place of what was shown before. */
  void progress(String line) {
    if (live) {
      err.print("\r\033[K" + line);
      err.flush();
    } else {
      err.println(line);
    }
  }

  /** Takes the line of {@link #progress} away, where it can be written over. */
  void clearProgress() {
    if (live) {
      err.print("\r\033[K");
      err.flush();
    }
  }

  private static PrintWriter writer(FileDescriptor descriptor) {
    return new PrintWriter(new FileOutputStream(descriptor), true, UTF_8);
  }

  private static boolean isTerminal() {
    Path error = Path.of("/proc/self/fd/2");
    try {
      String device = Files.readSymbolicLink(error).toString();
      return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }
}
