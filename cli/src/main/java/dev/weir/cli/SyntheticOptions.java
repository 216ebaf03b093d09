// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.simulation.SyntheticTraffic;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of made-up traffic. */
final class SyntheticOptions {

  @Option(
      names = "--synthetic",
      paramLabel = "SHAPE",
      description = "Made-up traffic in place of a log: steady, bursty, diurnal, attack or zipf.")
  private SyntheticTraffic.@Nullable Shape shape;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of made-up traffic: the same makes the same bytes. Default: 1.")
  private long seed = 1;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Of made-up traffic: requests per second on average. Default: 100.")
  private double rate = 100;

  @Option(
      names = "--keys",
      paramLabel = "N",
      description = "Of made-up traffic: how many clients there are. Default: 1000.")
  private int keys = 1_000;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      description = "Of made-up traffic: how long it goes on. Default: 10m.")
  private String duration = "10m";

  @Option(
      names = "--start",
      paramLabel = "TIME",
      description = "Of made-up traffic: when it begins. Default: 2026-01-01T00:00:00Z.")
  private @Nullable String start;

  @Option(
      names = "--write-log",
      paramLabel = "FILE",
      description = "Write made-up traffic as a log in the combined format.")
  private @Nullable String writeLog;

  /** The traffic, if it is wanted. */
  Optional<SyntheticTraffic> traffic() {
    if (shape == null) {
      if (writeLog != null) {
        throw Failure.usage("--write-log: given without --synthetic");
      }
      return Optional.empty();
    }
    Duration length = LogOptions.time("--duration", duration);
    try {
      Instant begin = start == null ? SyntheticTraffic.USUAL_START : Instant.parse(start);
      return Optional.of(new SyntheticTraffic(shape, seed, rate, keys, length, begin));
    } catch (DateTimeException e) {
      throw Failure.usage("--start: " + start + " (expected: 2026-01-01T00:00:00Z)");
    } catch (IllegalArgumentException e) {
      throw Failure.usage("--" + e.getMessage());
    }
  }

  /** Whether the traffic is to be kept. */
  boolean written() {
    return writeLog != null;
  }

  /** Writes the traffic; answers where to. */
  String write(SyntheticTraffic traffic) {
    String file = String.valueOf(writeLog);
    try (InputStream in = traffic.open();
        OutputStream out = Files.newOutputStream(PolicySource.path(file))) {
      in.transferTo(out);
      return file;
    } catch (IOException e) {
      throw Failure.unwritable(file, e);
    }
  }
}
