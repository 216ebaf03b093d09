// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a file says, and follows its changes: plain writes, atomic renames, and links that are
 * turned to another folder, as mounted ConfigMaps do. A folder is followed as {@link Folder} reads
 * it; its text is that of all its files.
 *
 * <p>A change is taken once two readings in a row agree, so that a file is not read while it is
 * written. A file that is wrong is refused whole and what it said before stays (R21); it is told
 * once. {@link #current} may be called by any thread.
 *
 * @param <T> what the file says
 */
public final class FileWatcher<T> implements AutoCloseable {

  /** How often a file is read unless told otherwise: a change is taken within three intervals. */
  public static final Duration INTERVAL = Duration.ofMillis(250);

  /** Hears of changes, on the watcher's thread. */
  public interface Listener<T> {

    /** The file says something else now. */
    void changed(T value);

    /** The file is wrong, or gone; what it said before stays. */
    void refused(List<Problem> problems);
  }

  /** Readings of an untouched file after which only its attributes are looked at. */
  private static final int STEADY = 8;

  private final Path file;
  private final Function<String, T> reader;
  private final Listener<T> listener;
  private volatile T current;
  // Written by the thread that polls only.
  private String settled;
  private @Nullable String seen;
  private String stamp = "";
  private int steady;
  private @Nullable ScheduledExecutorService thread;

  private FileWatcher(Path file, Function<String, T> reader, Listener<T> listener, String text) {
    this.file = file;
    this.reader = reader;
    this.listener = listener;
    this.current = reader.apply(text);
    this.settled = digest(text);
  }

  /**
   * Reads the file and remembers it; {@link #start} follows its changes.
   *
   * @param reader what a text says; refuses it by {@link InvalidFileException}
   * @throws IOException if the file cannot be read
   * @throws InvalidFileException if it is wrong
   */
  public static <T> FileWatcher<T> open(Path file, Function<String, T> reader, Listener<T> listener)
      throws IOException {
    requireNonNull(listener, "listener");
    return new FileWatcher<>(
        requireNonNull(file, "file"), requireNonNull(reader, "reader"), listener, textOf(file));
  }

  private static String textOf(Path file) throws IOException {
    return Files.isDirectory(file) ? Folder.text(file) : Document.text(file);
  }

  /** What the file said last while it was right. */
  public T current() {
    return current;
  }

  /** Polls on a thread of its own from now on, which does not keep the process alive. */
  public synchronized FileWatcher<T> start(Duration interval) {
    if (thread != null) {
      throw new IllegalStateException("started before");
    }
    ScheduledExecutorService executor =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("weir-watch-" + file.getFileName()).factory());
    Future<?> unused = // ends with the executor; polling never throws
        executor.scheduleWithFixedDelay(
            this::pollOnThread, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    thread = executor;
    return this;
  }

  /** What a listener throws is told by the thread's handler, and polling goes on. */
  private void pollOnThread() {
    try {
      poll();
    } catch (RuntimeException e) {
      Thread self = Thread.currentThread();
      self.getUncaughtExceptionHandler().uncaughtException(self, e);
    }
  }

  /**
   * Reads the file once, or only its attributes if it has been untouched for some readings. Not to
   * be called while the watcher's own thread runs.
   */
  public void poll() {
    String now = stamp();
    if (!now.isEmpty() && now.equals(stamp) && steady >= STEADY) {
      return;
    }
    read();
    boolean untouched = now.equals(stamp) && seen == null;
    steady = untouched ? steady + 1 : 0;
    stamp = now;
  }

  /** What changes when a file is written, renamed into place or linked to; empty if it is gone. */
  private String stamp() {
    try {
      if (Files.isDirectory(file)) {
        return Folder.stamp(file);
      }
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS)
          + " "
          + attributes.size()
          + " "
          + attributes.fileKey();
    } catch (IOException e) {
      return "";
    }
  }

  private void read() {
    String text = null;
    List<Problem> unreadable = List.of();
    try {
      text = textOf(file);
    } catch (IOException e) {
      unreadable = List.of(new Problem(file.toString(), 1, 1, "", "cannot be read: " + e));
    } catch (InvalidFileException e) {
      unreadable = e.problems();
    }
    String digest = text == null ? unreadable.toString() : digest(text);
    if (digest.equals(settled)) {
      seen = null;
    } else if (!digest.equals(seen)) {
      seen = digest;
    } else {
      seen = null;
      settled = digest;
      settle(text, unreadable);
    }
  }

  private void settle(@Nullable String text, List<Problem> unreadable) {
    if (text == null) {
      listener.refused(unreadable);
      return;
    }
    T value;
    try {
      value = reader.apply(text);
    } catch (InvalidFileException e) {
      listener.refused(e.problems());
      return;
    }
    current = value;
    listener.changed(value);
  }

  private static String digest(String text) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public synchronized void close() {
    if (thread != null) {
      thread.shutdownNow();
    }
  }
}
