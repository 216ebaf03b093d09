// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.policy.FileWatcher;
import dev.weir.policy.InvalidFileException;
import dev.weir.policy.Problem;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS as the files say it now. Connections keep what they were made with; new ones get what is in
 * force. Safe for use by any thread.
 */
final class LiveTls implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LiveTls.class);

  private final Tls tls;
  private final Executor executor;
  private final WallClock clock;
  private final List<FileWatcher<Loaded>> watchers = new ArrayList<>();
  private volatile Loaded inForce;
  private volatile List<String> refused = List.of();

  private record Loaded(SslContext context, TlsFiles files, List<String> warnings) {
    Loaded warned() {
      warnings.forEach(warning -> LOG.warn("{}", warning));
      return this;
    }
  }

  /**
   * Reads the files.
   *
   * @param executor computes what takes long of handshakes
   * @throws TlsFiles.InvalidException if they cannot be used
   */
  LiveTls(Tls tls, Executor executor, WallClock clock) {
    this.tls = tls;
    this.executor = executor;
    this.clock = clock;
    this.inForce = read().warned();
  }

  private Loaded read() {
    TlsFiles files = TlsFiles.read(tls);
    try {
      return new Loaded(files.context(), files, files.warnings(clock.now()));
    } catch (SSLException | RuntimeException e) {
      throw new TlsFiles.InvalidException(
          "certificate",
          tls.certificate(),
          new IllegalArgumentException("cannot be used: " + e.getMessage(), e));
    }
  }

  /** Begins to take changes of the files. */
  void follow() {
    try {
      for (Path file : tls.files()) {
        // Any of the files says that something changed; they are read together.
        FileWatcher<Loaded> watcher =
            FileWatcher.open(file, text -> readAgain(), new Changes(file));
        watchers.add(watcher.start(FileWatcher.INTERVAL));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Loaded readAgain() {
    try {
      return read();
    } catch (TlsFiles.InvalidException e) {
      throw new InvalidFileException(
          List.of(new Problem(e.file(), 1, 1, "", String.valueOf(e.getMessage()))));
    }
  }

  /** Takes what belongs together, and tells what does not. */
  private final class Changes implements FileWatcher.Listener<Loaded> {
    private final Path file;

    Changes(Path file) {
      this.file = file;
    }

    @Override
    public void changed(Loaded loaded) {
      inForce = loaded.warned();
      refused = List.of();
      LOG.info("{}: in force for new connections", file);
    }

    @Override
    public void refused(List<Problem> problems) {
      refused = problems.stream().map(Problem::toString).toList();
      for (Problem problem : problems) {
        LOG.error("refused, the certificates before stay in force: {}", problem);
      }
    }
  }

  /** What is wrong with the certificates now, and with files that were refused. */
  List<String> trouble() {
    List<String> trouble = new ArrayList<>(refused);
    trouble.addAll(inForce.files.warnings(clock.now()));
    return trouble;
  }

  /** Until when the certificates in force are good. */
  Instant notAfter() {
    return inForce.files.notAfter();
  }

  /** What one connection speaks TLS with. */
  SslHandler handler(ByteBufAllocator allocator) {
    SslHandler handler = inForce.context.newHandler(allocator, executor);
    handler.setHandshakeTimeoutMillis(tls.handshakeDeadline().toMillis());
    return handler;
  }

  @Override
  public void close() {
    watchers.forEach(FileWatcher::close);
  }
}
