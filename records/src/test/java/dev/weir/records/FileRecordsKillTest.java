// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a process that changes records with SIGKILL, at random moments, round after round. */
final class FileRecordsKillTest {
  private static final int ROUNDS = Integer.getInteger("weir.kills", 10);
  private static final long SEED = Long.getLong("weir.kills.seed", System.nanoTime());

  @TempDir private Path folder;

  @Test
  void process_killedAtAnyMoment_losesNothingAcknowledged() throws Exception {
    Random random = new Random(SEED);
    Path data = folder.resolve("data");
    long last = 0;
    long acknowledgedInAll = 0;
    for (int round = 1; round <= ROUNDS; round++) {
      long acknowledged = Math.max(last, runAndKill(data, random, round));
      try (RecordStore store = FileRecords.open(data)) {
        Steps.verify(store, acknowledged);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("round " + round + ", -Dweir.kills.seed=" + SEED, e);
      }
      acknowledgedInAll = Math.max(acknowledgedInAll, acknowledged);
      last = acknowledged;
    }
    assertThat(acknowledgedInAll).as("steps in all rounds").isPositive();
  }

  /** The last step that the process said was acknowledged. */
  private static long runAndKill(Path data, Random random, int round)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SteppingProcess.class.getName(),
                data.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader said =
        new BufferedReader(new InputStreamReader(process.getInputStream(), US_ASCII))) {
      assertThat(said.readLine()).isEqualTo("starting");
      // Every third kill strikes while the files are opened or made.
      int steps = round % 3 == 1 ? 0 : 1 + random.nextInt(150);
      long acknowledged = 0;
      for (int i = 0; i < steps; i++) {
        acknowledged = number(said.readLine());
      }
      LockSupport.parkNanos(random.nextLong(steps == 0 ? 400_000_000 : 10_000_000));
      // SIGKILL; the process's own method would close what is read next.
      process.toHandle().destroyForcibly();
      process.waitFor();
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        acknowledged = number(line);
      }
      return acknowledged;
    } finally {
      process.destroyForcibly();
    }
  }

  private static long number(String line) {
    assertThat(line).as("a line of the process").isNotNull();
    return Long.parseLong(line);
  }
}
