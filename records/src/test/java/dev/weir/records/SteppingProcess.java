// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import java.nio.file.Path;

/** The process that {@link FileRecordsKillTest} kills: it steps, and says what is acknowledged. */
final class SteppingProcess {

  private SteppingProcess() {}

  /** Steps in the folder until it is killed, or nobody reads what it says. */
  public static void main(String[] arguments) {
    System.out.println("starting");
    Steps steps = new Steps(FileRecords.open(Path.of(arguments[0])));
    while (!System.out.checkError()) {
      System.out.println(steps.next());
    }
  }
}
