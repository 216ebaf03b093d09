// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileWatcherTest {

  /** Notes what it hears. */
  private static final class Heard implements FileWatcher.Listener<List<Policy>> {
    private final List<String> events = new ArrayList<>();

    @Override
    public void changed(List<Policy> policies) {
      events.add("changed to " + policies.getFirst().name());
    }

    @Override
    public void refused(List<Problem> problems) {
      events.add("refused: " + problems.getFirst().message());
    }
  }

  @TempDir Path folder;

  private final Heard heard = new Heard();

  private FileWatcher<List<Policy>> open(Path file) throws IOException {
    return FileWatcher.open(
        file,
        text -> PolicyFile.parse("policies.yaml", text, PolicyFileTest.NO_ENVIRONMENT),
        heard);
  }

  private static String policy(String name) {
    return "version: 1\npolicies:\n- { name: " + name + ", limits: [1/s] }\n";
  }

  private static String name(FileWatcher<List<Policy>> watcher) {
    return watcher.current().getFirst().name();
  }

  @Test
  void poll_plainWrite_isTakenWhenTwoReadingsAgree() throws IOException {
    Path file = Files.writeString(folder.resolve("policies.yaml"), policy("one"));
    try (FileWatcher<List<Policy>> watcher = open(file)) {
      watcher.poll();
      Files.writeString(file, policy("half"));
      watcher.poll();
      Files.writeString(file, policy("two"));
      watcher.poll();
      assertThat(name(watcher)).isEqualTo("one");
      watcher.poll();
      watcher.poll();

      assertThat(name(watcher)).isEqualTo("two");
      assertThat(heard.events).containsExactly("changed to two");
    }
  }

  @Test
  void poll_afterManyUntouchedReadings_stillTakesEveryKindOfChange() throws IOException {
    Path file = Files.writeString(folder.resolve("policies.yaml"), policy("one"));
    try (FileWatcher<List<Policy>> watcher = open(file)) {
      poll(watcher, 20);
      Files.writeString(file, policy("two"));
      poll(watcher, 2);
      assertThat(name(watcher)).isEqualTo("two");
      poll(watcher, 20);
      Path other = Files.writeString(folder.resolve("other"), policy("six"));
      Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
      Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
      poll(watcher, 2);
      assertThat(name(watcher)).isEqualTo("six");
      poll(watcher, 20);
      Files.delete(file);
      poll(watcher, 2);
      assertThat(heard.events).last().asString().startsWith("refused: cannot be read");
    }
  }

  private static void poll(FileWatcher<?> watcher, int times) {
    for (int i = 0; i < times; i++) {
      watcher.poll();
    }
  }

  @Test
  void rule21_badFile_isRefusedOnceAndTheOldOneStays() throws IOException {
    Path file = Files.writeString(folder.resolve("policies.yaml"), policy("one"));
    try (FileWatcher<List<Policy>> watcher = open(file)) {
      Files.writeString(file, policy("'a b'"));
      watcher.poll();
      watcher.poll();
      watcher.poll();
      watcher.poll();
      assertThat(name(watcher)).isEqualTo("one");
      assertThat(heard.events)
          .containsExactly("refused: \"a b\" (expected: 1..100 letters, digits, '_', '.', '-')");

      Files.writeString(file, policy("one"));
      watcher.poll();
      watcher.poll();
      assertThat(heard.events).last().isEqualTo("changed to one");
    }
  }

  @Test
  void poll_atomicRename_isTaken() throws IOException {
    Path file = Files.writeString(folder.resolve("policies.yaml"), policy("one"));
    try (FileWatcher<List<Policy>> watcher = open(file)) {
      Path next = Files.writeString(folder.resolve("next"), policy("two"));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      watcher.poll();
      watcher.poll();

      assertThat(name(watcher)).isEqualTo("two");
    }
  }

  @Test
  void poll_linkTurnedToAnotherFolder_isTaken() throws IOException {
    Files.writeString(Files.createDirectory(folder.resolve("v1")).resolve("p"), policy("one"));
    Files.writeString(Files.createDirectory(folder.resolve("v2")).resolve("p"), policy("two"));
    Path data = Files.createSymbolicLink(folder.resolve("..data"), Path.of("v1"));
    Path file = Files.createSymbolicLink(folder.resolve("p.yaml"), Path.of("..data", "p"));
    try (FileWatcher<List<Policy>> watcher = open(file)) {
      assertThat(name(watcher)).isEqualTo("one");
      Path next = Files.createSymbolicLink(folder.resolve("..next"), Path.of("v2"));
      Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
      watcher.poll();
      watcher.poll();

      assertThat(name(watcher)).isEqualTo("two");
    }
  }

  @Test
  void poll_fileGone_isToldOnceAndTheOldOneStays() throws IOException {
    Path file = Files.writeString(folder.resolve("policies.yaml"), policy("one"));
    try (FileWatcher<List<Policy>> watcher = open(file)) {
      Files.delete(file);
      for (int i = 0; i < 5; i++) {
        watcher.poll();
      }

      assertThat(name(watcher)).isEqualTo("one");
      assertThat(heard.events).hasSize(1);
      assertThat(heard.events.getFirst()).startsWith("refused: cannot be read: ");
    }
  }

  @Test
  void open_badFile_isRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("policies.yaml"), "version: 2\npolicies: []\n");

    assertThatThrownBy(() -> open(file)).isInstanceOf(InvalidFileException.class);
    assertThatThrownBy(() -> open(folder.resolve("none"))).isInstanceOf(IOException.class);
  }

  @Test
  void open_noText_isRefused() throws IOException {
    Path file = Files.write(folder.resolve("policies.yaml"), new byte[] {'a', (byte) 0xFF});

    assertThatThrownBy(() -> open(file))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageEndingWith(":1:1: bytes that are no text (expected: UTF-8)");
  }
}
