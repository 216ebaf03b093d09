// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.redis.fixtures.RedisProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * What a check costs Redis that comes by itself, as from a large fleet, while Redis has no time to
 * sleep: many connections with a call of Weir's script under way on each.
 *
 * @param redisMicros of Redis's processor for each call
 * @param busy share of a processor that Redis had
 */
record ScaleRounds(double redisMicros, double busy) {

  private static final int CONNECTIONS = 128;
  private static final int COMMANDS = 256;
  private static final int LINES_OF_REPLY = 3;

  /** One connection, which asks again as soon as it is answered. */
  private static final class Asking {
    final SocketChannel channel;
    final ByteBuffer[] commands;
    int next;
    int lines;

    Asking(SocketChannel channel, ByteBuffer[] commands) {
      this.channel = channel;
      this.commands = commands;
    }

    void ask() throws IOException {
      ByteBuffer command = commands[next++ % COMMANDS].duplicate();
      while (command.hasRemaining()) {
        var unused = channel.write(command);
      }
    }

    /** Whether the answer is complete. */
    boolean answered(ByteBuffer buffer) throws IOException {
      buffer.clear();
      if (channel.read(buffer) < 0) {
        throw new IOException("redis: connection closed");
      }
      for (int i = 0; i < buffer.position(); i++) {
        if (buffer.get(i) == '-') {
          throw new IOException(
              "redis: "
                  + new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII));
        }
        if (buffer.get(i) == '\n') {
          lines++;
        }
      }
      boolean complete = lines == LINES_OF_REPLY;
      lines = complete ? 0 : lines;
      return complete;
    }
  }

  /** Measures the only Redis of a fleet of which nobody else asks anything. */
  static ScaleRounds of(ScaleFleet fleet, int millis) throws IOException {
    RedisProcess redis = fleet.redis().getFirst();
    String digest = redis.cli("SCRIPT", "LOAD", TakeScript.source()).text();
    SplittableRandom random = new SplittableRandom(7);
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < CONNECTIONS; i++) {
        SocketChannel channel =
            SocketChannel.open(new InetSocketAddress("127.0.0.1", redis.port()));
        var unused = channel.configureBlocking(false);
        Asking asking = new Asking(channel, commands(digest, random));
        channel.register(selector, SelectionKey.OP_READ, asking);
        asking.ask();
      }
      try {
        var unused = calls(selector, millis / 4);
        long begin = System.nanoTime();
        long cpu = redis.cpuMicros();
        long calls = calls(selector, millis);
        double micros = (double) (redis.cpuMicros() - cpu);
        return new ScaleRounds(micros / calls, micros * 1e3 / (System.nanoTime() - begin));
      } finally {
        for (SelectionKey key : selector.keys()) {
          key.channel().close();
        }
      }
    }
  }

  private static long calls(Selector selector, int millis) throws IOException {
    long end = System.nanoTime() + millis * 1_000_000L;
    ByteBuffer buffer = ByteBuffer.allocate(4_096);
    long answered = 0;
    while (System.nanoTime() < end) {
      var unused = selector.select(1_000);
      for (SelectionKey key : selector.selectedKeys()) {
        Asking asking = (Asking) key.attachment();
        if (asking.answered(buffer)) {
          answered++;
          asking.ask();
        }
      }
      selector.selectedKeys().clear();
    }
    return answered;
  }

  private static ByteBuffer[] commands(String digest, SplittableRandom random) {
    byte[][] arguments = TakeScript.arguments(1, 1, Allowance.PLENTY);
    ByteBuffer[] commands = new ByteBuffer[COMMANDS];
    for (int i = 0; i < COMMANDS; i++) {
      String key = String.format(Locale.ROOT, "weir:{rounds:%06d}", random.nextInt(100_000));
      commands[i] =
          ByteBuffer.wrap(
              command(
                  bytes("EVALSHA"),
                  bytes(digest),
                  bytes("1"),
                  bytes(key),
                  arguments[0],
                  arguments[1]));
    }
    return commands;
  }

  private static byte[] command(byte[]... words) {
    ByteArrayOutputStream command = new ByteArrayOutputStream();
    command.writeBytes(bytes("*" + words.length + "\r\n"));
    for (byte[] word : words) {
      command.writeBytes(bytes("$" + word.length + "\r\n"));
      command.writeBytes(word);
      command.writeBytes(bytes("\r\n"));
    }
    return command.toByteArray();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  String line() {
    return String.format(Locale.ROOT, "%.4f,%.4f", redisMicros, busy);
  }

  /** A line for whoever waits. */
  String text() {
    return String.format(
        Locale.ROOT,
        "         a check in each round: redis %.2f µs, busy %.0f %%",
        redisMicros,
        busy * 100);
  }
}
