// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static java.util.Objects.requireNonNull;

import dev.weir.core.TimeSource;
import java.nio.file.Path;

/**
 * Records in a file of this machine, for one process at a time. A change is acknowledged once the
 * file was forced to the disk: a kill takes nothing back. A loss of power in the middle of a write
 * may, where the disk keeps any blocks of the write and not the others.
 */
public final class FileRecords {

  private FileRecords() {}

  /**
   * Opens the records in a folder, and makes both where they are missing, for the owner only. The
   * calling thread waits for the files.
   *
   * @throws RecordStoreException if another process has the folder, or the file cannot be read
   */
  public static RecordStore open(Path folder) {
    requireNonNull(folder, "folder");
    return LocalRecords.open(() -> FileBacking.open(folder), TimeSource.system());
  }
}
