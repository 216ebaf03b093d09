// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The YAML files of a folder and of those in it, read together, sorted by name.
 *
 * <p>What begins with a dot is passed over: mounted ConfigMaps keep their versions so. Links are
 * followed, and the folder's own link first, so that all files are of one version of it.
 */
public final class Folder {

  /** Most files. */
  public static final int MAX_FILES = 10_000;

  /** Most characters of all files together. */
  public static final int MAX_CHARACTERS = 64 * 1024 * 1024;

  private static final int MAX_DEPTH = 8;

  private Folder() {}

  /**
   * The files and their texts.
   *
   * @throws IOException if something cannot be read
   * @throws InvalidFileException if a file is too large or no text, or there are too many
   */
  public static Map<Path, String> texts(Path folder) throws IOException {
    Path named = requireNonNull(folder, "folder");
    Path real = named.toRealPath();
    Map<Path, String> texts = new LinkedHashMap<>();
    long characters = 0;
    for (Path file : files(real)) {
      String text = Document.text(file);
      characters += text.length();
      if (characters > MAX_CHARACTERS) {
        throw tooMuch(named, "more than " + MAX_CHARACTERS + " characters");
      }
      texts.put(named.resolve(real.relativize(file)), text);
    }
    return texts;
  }

  /** What changes when a file comes, goes, is written, or the folder is another. */
  static String stamp(Path folder) throws IOException {
    Path real = folder.toRealPath();
    StringBuilder stamp = new StringBuilder(real.toString());
    for (Path file : files(real)) {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      stamp.append('\n').append(file).append(' ');
      stamp.append(attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS)).append(' ');
      stamp.append(attributes.size()).append(' ').append(attributes.fileKey());
    }
    return stamp.toString();
  }

  /** One text that differs where any file's does. */
  static String text(Path folder) throws IOException {
    StringBuilder all = new StringBuilder();
    texts(folder).forEach((file, text) -> all.append(file).append('\n').append(text).append('\0'));
    return all.toString();
  }

  private static List<Path> files(Path real) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(real, MAX_DEPTH, FileVisitOption.FOLLOW_LINKS)) {
      for (Path file : (Iterable<Path>) walk::iterator) {
        if (visible(real.relativize(file)) && yaml(file) && Files.isRegularFile(file)) {
          if (files.size() == MAX_FILES) {
            throw tooMuch(real, "more than " + MAX_FILES + " files");
          }
          files.add(file);
        }
      }
    } catch (java.io.UncheckedIOException e) {
      throw new IOException(e.getCause());
    }
    files.sort(null);
    return files;
  }

  private static boolean visible(Path relative) {
    for (Path part : relative) {
      if (part.toString().startsWith(".")) {
        return false;
      }
    }
    return true;
  }

  private static boolean yaml(Path file) {
    String name = file.toString();
    return name.endsWith(".yaml") || name.endsWith(".yml");
  }

  private static InvalidFileException tooMuch(Path folder, String what) {
    return new InvalidFileException(
        List.of(new Problem(folder.toString(), 1, 1, "", what + " (expected: at most that)")));
  }
}
