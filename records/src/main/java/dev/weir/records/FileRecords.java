// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static java.util.Objects.requireNonNull;

import dev.weir.core.TimeSource;
import java.nio.file.Path;

/**
 * Records in a file of this machine, for one process at a time. A change is acknowledged once it is
 * on the disk: neither a kill nor a loss of power takes it back.
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
