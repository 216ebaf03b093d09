// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The Dockerfile's own instructions: those of its last stage. */
final class Dockerfile {
  private Dockerfile() {}

  /** The arguments of an instruction, each on one line, in their order. */
  static List<String> instructions(String name) {
    String all = text();
    String last = all.substring(all.lastIndexOf("\nFROM "));
    return Arrays.stream(last.replaceAll("\\\\\n\\s*", " ").split("\n"))
        .filter(line -> line.startsWith(name + " "))
        .map(line -> line.substring(name.length()).strip().replaceAll(" +", " "))
        .toList();
  }

  /** The words of the only instruction of this name, which is in its exec form. */
  static List<String> words(String name) {
    String list = instructions(name).getFirst();
    if (!list.startsWith("[") || !list.endsWith("]")) {
      throw new IllegalStateException(name + " " + list + " (expected: its exec form)");
    }
    return Arrays.stream(list.substring(1, list.length() - 1).split(","))
        .map(word -> word.strip().replace("\"", ""))
        .collect(Collectors.toList());
  }

  static String text() {
    try {
      return Files.readString(Machine.ROOT.resolve("deploy/Dockerfile"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
