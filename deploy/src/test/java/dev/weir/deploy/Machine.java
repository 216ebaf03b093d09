// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** This checkout, free ports, and programs that are run to their end. */
final class Machine {
  /** The root of the checkout. */
  static final Path ROOT = root();

  private static final long LONGEST_SECONDS = 120;

  private Machine() {}

  /**
   * What a program said and how it ended.
   *
   * @param output standard output and standard error
   */
  record Outcome(int status, String output) {}

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(folder.resolve("examples/profiles"))) {
      folder = folder.getParent();
    }
    return folder;
  }

  /** Runs a program in the root of the checkout until it ends, for two minutes at most. */
  static Outcome run(Map<String, String> environment, List<String> command) {
    try {
      Path output = Files.createTempFile("weir-output", ".log");
      ProcessBuilder builder = new ProcessBuilder(command).directory(ROOT.toFile());
      builder.environment().putAll(environment);
      Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
      process.getOutputStream().close();
      if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new IllegalStateException(command + ": still running: " + Files.readString(output));
      }
      String text = Files.readString(output, UTF_8);
      Files.delete(output);
      return new Outcome(process.exitValue(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  static Outcome run(String... command) {
    return run(Map.of(), List.of(command));
  }

  /** A folder that every user may read, removed when the JVM ends. */
  static Path readableFolder() {
    try {
      Path folder = Files.createTempDirectory("weir-deploy");
      Files.setPosixFilePermissions(
          folder, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder)));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void remove(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
