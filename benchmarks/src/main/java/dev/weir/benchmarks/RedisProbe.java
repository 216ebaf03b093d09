// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks Redis about itself, over a connection and without a client library. */
final class RedisProbe implements AutoCloseable {

  private static final Pattern USED = Pattern.compile("used_memory:([0-9]+)");

  private final Socket socket;

  RedisProbe(String url) throws IOException {
    // Of several nodes, the first.
    URI uri = URI.create(url.split(",")[0]);
    this.socket = new Socket(uri.getHost(), uri.getPort());
  }

  /** Bytes that Redis has allocated. */
  long usedMemory() throws IOException {
    Matcher used = USED.matcher(ask("INFO memory"));
    if (!used.find()) {
      throw new IOException("INFO memory: no used_memory");
    }
    return Long.parseLong(used.group(1));
  }

  void flushAll() throws IOException {
    ask("FLUSHALL SYNC");
  }

  /** Sends a command in words; the answer is one line or one text. */
  String ask(String command) throws IOException {
    socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
    String first = line();
    if (!first.startsWith("$")) {
      return first;
    }
    int length = Integer.parseInt(first.substring(1));
    byte[] text = socket.getInputStream().readNBytes(length + 2);
    return new String(text, 0, length, StandardCharsets.UTF_8);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = socket.getInputStream().read(); c != '\n'; c = socket.getInputStream().read()) {
      if (c < 0) {
        throw new IOException("redis: connection closed");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
