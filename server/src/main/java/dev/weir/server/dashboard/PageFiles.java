// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.dashboard;

import static java.util.Objects.requireNonNull;

import dev.weir.dashboard.DashboardFiles;
import dev.weir.server.wire.Answers;
import io.vertx.core.buffer.Buffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The files of the dashboard, read when somebody first asks for one. Safe for use by any thread.
 */
public final class PageFiles {

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "mjs", "text/javascript; charset=utf-8",
          "json", "application/json",
          "txt", "text/plain; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png",
          "ico", "image/x-icon",
          "woff2", "font/woff2");

  /** A file, with its media type and its entity tag. */
  static final class PageFile {
    final String type;
    final String tag;
    private final byte[] bytes;

    private PageFile(String name, byte[] bytes) {
      this.type = type(name);
      this.tag = tag(bytes);
      this.bytes = bytes;
    }

    int length() {
      return bytes.length;
    }

    Buffer body() {
      return Answers.buffer(bytes);
    }
  }

  private final Executor workers;
  // Guarded by this.
  private @Nullable CompletableFuture<Map<String, PageFile>> read;

  /**
   * @param workers have threads that may be held up
   */
  public PageFiles(Executor workers) {
    this.workers = requireNonNull(workers, "workers");
  }

  /** All of them by their names. */
  synchronized CompletionStage<Map<String, PageFile>> all() {
    CompletableFuture<Map<String, PageFile>> known = read;
    if (known == null || known.isCompletedExceptionally()) {
      known = CompletableFuture.supplyAsync(PageFiles::load, workers);
      read = known;
    }
    return known;
  }

  private static Map<String, PageFile> load() {
    Map<String, PageFile> files = new HashMap<>();
    DashboardFiles.read().forEach((name, bytes) -> files.put(name, new PageFile(name, bytes)));
    return Map.copyOf(files);
  }

  private static String type(String name) {
    String ending = name.substring(name.lastIndexOf('.') + 1);
    return TYPES.getOrDefault(ending, "application/octet-stream");
  }

  private static String tag(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return '"' + HexFormat.of().formatHex(digest, 0, 16) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
