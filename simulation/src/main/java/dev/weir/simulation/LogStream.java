// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one log, block by block. Some blocks are parsed ahead, side by side; they come in
 * the order of the log. Used by one thread, its progress read by any.
 */
final class LogStream implements AutoCloseable {

  private final LogSource source;
  private final BatchParser parser;
  private final Executor workers;
  private final int ahead;
  private final LogInput.Counting counting;
  private final BlockReader blocks;
  private final InputStream lines;
  private final Deque<CompletableFuture<Batch>> parsed = new ArrayDeque<>();
  private LogSyntax.@Nullable Told told;
  private @Nullable String trouble;
  private boolean ended;

  /**
   * @param ahead how many blocks are parsed ahead, 1 or more
   * @throws UnreadableLogException if the log cannot be read
   */
  LogStream(LogSource source, BatchParser parser, Executor workers, int ahead) {
    this.source = source;
    this.parser = parser;
    this.workers = workers;
    this.ahead = ahead;
    try {
      this.counting = new LogInput.Counting(source.open());
      this.lines = LogInput.lines(source.name(), counting);
      this.blocks = new BlockReader(lines);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * The next batch; null at the end.
   *
   * @throws UnreadableLogException if the log cannot be read at all
   */
  @Nullable Batch next() {
    while (!ended && parsed.size() < ahead) {
      Block block = read();
      if (block == null) {
        ended = true;
      } else {
        boolean first = told == null;
        LogSyntax.Told known =
            told != null ? told : parser.syntax().tell(source.name(), block, parser.fields());
        told = known;
        parsed.add(
            CompletableFuture.supplyAsync(
                () -> parser.parse(source.name(), block, known, first), workers));
      }
    }
    CompletableFuture<Batch> next = parsed.poll();
    try {
      return next == null ? null : next.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /** What was read before a log turned out to be broken still counts, if there is any. */
  private @Nullable Block read() {
    try {
      return blocks.read();
    } catch (IOException e) {
      if (told == null) {
        throw unreadable(e);
      }
      trouble = source.name() + ": not read to its end (" + e.getMessage() + ")";
      return null;
    }
  }

  /** Why the log was not read to its end, if it was not. */
  Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  private UnreadableLogException unreadable(IOException e) {
    String why =
        e instanceof NoSuchFileException
            ? "no such file"
            : "cannot be read (" + e.getMessage() + ")";
    return new UnreadableLogException(source.name() + ": " + why, e);
  }

  /** Bytes read of the log, compressed if it is. */
  long bytesRead() {
    return counting.bytes();
  }

  @Override
  public void close() {
    try {
      lines.close();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }
}
