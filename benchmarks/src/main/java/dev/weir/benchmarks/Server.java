// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A server process on one processor, with its use of the processor as the kernel counts it.
 *
 * @param name what it is called in the report
 * @param process the process; ended by {@link #close}
 * @param pid whose time counts
 * @param port where it listens on the loopback address
 */
record Server(String name, Process process, long pid, int port) implements AutoCloseable {

  /* Fields of /proc/PID/stat after the command's name, proc(5). */
  private static final int UTIME = 11;
  private static final int STIME = 12;
  static final double TICKS_PER_SECOND = 100;

  private static final String SLEEPS = "voluntary_ctxt_switches:";

  /** Starts a command pinned to processor 0 and waits until the port answers. */
  static Server start(String name, int port, List<String> command, Path log)
      throws IOException, InterruptedException {
    return start(name, 0, port, command, log);
  }

  /** Starts a command pinned to a processor and waits until the port answers. */
  static Server start(String name, int processor, int port, List<String> command, Path log)
      throws IOException, InterruptedException {
    List<String> pinned = new ArrayList<>(List.of("taskset", "-c", Integer.toString(processor)));
    pinned.addAll(command);
    return startAnywhere(name, port, pinned, log);
  }

  /** Starts a command on any processor and waits until the port answers. */
  static Server startAnywhere(String name, int port, List<String> command, Path log)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    for (int i = 0; i < 200; i++) {
      if (!process.isAlive()) {
        throw new IOException(name + " ended at once:\n" + Files.readString(log));
      }
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress("127.0.0.1", port), 100);
        return new Server(name, process, process.pid(), port);
      } catch (IOException notYet) {
        Thread.sleep(50);
      }
    }
    process.destroyForcibly();
    throw new IOException(name + " does not listen on " + port + ":\n" + Files.readString(log));
  }

  /** Seconds of processor time used so far, by the process itself. */
  double cpuSeconds() throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME])) / TICKS_PER_SECOND;
  }

  /** The same without the compilers of a JVM, whose threads come and go. */
  double cpuSecondsWithoutCompilers() throws IOException {
    long nanos = 0;
    try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path thread : threads.toList()) {
        try {
          if (!Files.readString(thread.resolve("comm")).matches("C[12] Compiler.*\\s*")) {
            String onProcessor = Files.readString(thread.resolve("schedstat"));
            nanos += Long.parseLong(onProcessor.substring(0, onProcessor.indexOf(' ')));
          }
        } catch (NoSuchFileException e) {
          // It has ended meanwhile, as compilers without work do.
          continue;
        }
      }
    }
    return nanos / 1e9;
  }

  /** How often a thread of the process gave its processor up because it had nothing to do. */
  long sleeps() throws IOException {
    long sleeps = 0;
    try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path thread : threads.toList()) {
        try {
          for (String line : Files.readAllLines(thread.resolve("status"))) {
            if (line.startsWith(SLEEPS)) {
              sleeps += Long.parseLong(line.substring(SLEEPS.length()).strip());
            }
          }
        } catch (NoSuchFileException e) {
          // It has ended meanwhile.
          continue;
        }
      }
    }
    return sleeps;
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
