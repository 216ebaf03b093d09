// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts a redis-server that keeps nothing on disk. */
final class RedisServer {

  private RedisServer() {}

  static Server start(Path folder, int processor, String... more)
      throws IOException, InterruptedException {
    return start(folder, processor, freePort(), more);
  }

  static Server start(Path folder, int processor, int port, String... more)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "redis-server",
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
                folder.toString()));
    command.addAll(List.of(more));
    return Server.start(
        "redis-server", processor, port, command, folder.resolve("redis-" + port + ".log"));
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
