// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/** A connection that a {@link LoadLoop} asks over. Used by one thread. */
interface LoadConnection extends AutoCloseable {

  /** Hears of each answer. */
  @FunctionalInterface
  interface Answers {
    void answered(long askedNanos, boolean failed);
  }

  SocketChannel channel();

  /** Requests without an answer so far. */
  int waiting();

  /** Asks, if there is room for it; sent by {@link #flush}. */
  boolean ask(byte[] message, long nanos);

  void flush() throws IOException;

  /** Reads what has come; nothing if nothing has. */
  void read(Answers answers) throws IOException;

  @Override
  void close() throws IOException;
}
