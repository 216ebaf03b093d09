// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The script of an example's topology, with all that it starts. */
final class TopologyScript implements AutoCloseable {

  private static final Path DISTRIBUTION =
      Path.of(System.getProperty("weir.home")).toAbsolutePath();
  private static final Path ROOT = DISTRIBUTION.resolve("../../../..").normalize();

  private final Process process;
  private final Path log;

  private TopologyScript(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts a topology and returns when its script says that it runs.
   *
   * @param folder for its files, empty at first
   * @param variables sets those that tell the script its ports
   * @param ready what it says then
   */
  static TopologyScript start(
      String topology, Path folder, Consumer<Map<String, String>> variables, String ready)
      throws IOException {
    Path script = ROOT.resolve("examples/topologies").resolve(topology).resolve("start");
    ProcessBuilder builder = new ProcessBuilder("bash", script.toString());
    variables.accept(builder.environment());
    builder.environment().put("WEIR", DISTRIBUTION.resolve("bin/weir").toString());
    builder.environment().put("FOLDER", folder.toString());
    Path log = folder.resolve("start.log");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    TopologyScript started = new TopologyScript(process, log);
    await()
        .atMost(Duration.ofSeconds(90))
        .until(() -> !process.isAlive() || started.log().contains(ready));
    assertThat(process.isAlive()).as(started.log()).isTrue();
    return started;
  }

  /** What it has said. */
  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it, and holds it to ending all that it started. */
  @Override
  public void close() {
    List<ProcessHandle> started = process.descendants().toList();
    process.destroy();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> started.stream().noneMatch(ProcessHandle::isAlive));
  }
}
