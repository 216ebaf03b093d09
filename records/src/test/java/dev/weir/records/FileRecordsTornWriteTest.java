// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A loss of power leaves any blocks of a write on the disk and not the others: what was
 * acknowledged before is there all the same, and the step that was being written is there whole or
 * not at all.
 */
final class FileRecordsTornWriteTest {
  private static final int BLOCK = 4_096;
  private static final int STEPS = Integer.getInteger("weir.torn", 60);
  private static final long SEED = Long.getLong("weir.torn.seed", System.nanoTime());

  @TempDir private Path temporary;

  @Test
  void file_withSomeBlocksOfASmallWrite_opensBeforeOrAfterIt() throws IOException {
    tear(0);
  }

  @Test
  void file_withSomeBlocksOfALargeWrite_opensBeforeOrAfterIt() throws IOException {
    tear(30_000);
  }

  private void tear(int blanks) throws IOException {
    Random random = new Random(SEED);
    Path data = temporary.resolve("data");
    Path torn = Files.createDirectory(temporary.resolve("torn"));
    try (RecordStore store = FileRecords.open(data)) {
      Steps steps = new Steps(store, blanks);
      byte[] before = Files.readAllBytes(data.resolve(FileBacking.FILE));
      for (int step = 1; step <= STEPS; step++) {
        long acknowledged = steps.last();
        steps.next();
        byte[] after = Files.readAllBytes(data.resolve(FileBacking.FILE));
        for (int trial = 0; trial < 8; trial++) {
          Files.write(torn.resolve(FileBacking.FILE), torn(before, after, random));
          try (RecordStore opened = FileRecords.open(torn)) {
            Steps.verify(opened, acknowledged);
          } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("step " + step + ", -Dweir.torn.seed=" + SEED, e);
          }
        }
        before = after;
      }
    }
  }

  private static byte[] torn(byte[] before, byte[] after, Random random) {
    byte[] mixed = Arrays.copyOf(before, Math.max(before.length, after.length));
    int shareOfNew = 1 + random.nextInt(9);
    for (int at = 0; at < after.length; at += BLOCK) {
      if (random.nextInt(10) < shareOfNew) {
        System.arraycopy(after, at, mixed, at, Math.min(BLOCK, after.length - at));
      }
    }
    return mixed;
  }
}
