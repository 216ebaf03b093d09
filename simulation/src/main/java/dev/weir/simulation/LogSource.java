// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Where the bytes of a log come from. */
public interface LogSource {

  /** What it is called in reports. */
  String name();

  /**
   * Opens it at its beginning.
   *
   * @throws IOException if it cannot be read, or was read and cannot be again
   */
  InputStream open() throws IOException;

  /** Its bytes, if they are known. */
  OptionalLong size();

  /** Whether it can be opened again. */
  boolean repeatable();

  /** A file, plain or compressed by gzip. */
  static LogSource file(Path file) {
    requireNonNull(file, "file");
    return new LogSource() {
      @Override
      public String name() {
        return file.toString();
      }

      @Override
      public InputStream open() throws IOException {
        return Files.newInputStream(file);
      }

      @Override
      public OptionalLong size() {
        try {
          return Files.isRegularFile(file)
              ? OptionalLong.of(Files.size(file))
              : OptionalLong.empty();
        } catch (IOException e) {
          return OptionalLong.empty();
        }
      }

      @Override
      public boolean repeatable() {
        return Files.isRegularFile(file) || Files.notExists(file);
      }
    };
  }

  /** A stream, plain or compressed by gzip, that can be read once. */
  static LogSource stream(String name, InputStream in) {
    requireNonNull(name, "name");
    requireNonNull(in, "in");
    return new LogSource() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public InputStream open() {
        return in;
      }

      @Override
      public OptionalLong size() {
        return OptionalLong.empty();
      }

      @Override
      public boolean repeatable() {
        return false;
      }
    };
  }
}
