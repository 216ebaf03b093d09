// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderTest {

  @TempDir Path folder;

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static List<String> names(Path folder) throws IOException {
    return Folder.texts(folder).keySet().stream()
        .map(file -> folder.relativize(file).toString())
        .toList();
  }

  @Test
  void texts_areThoseOfYamlFilesWhereverTheyAre() throws IOException {
    write("b.yaml", "b");
    write("a/c.yml", "c");
    write("a.txt", "no");
    write(".hidden.yaml", "no");
    write("..2026_01/d.yaml", "no");

    assertThat(names(folder)).containsExactly("a/c.yml", "b.yaml");
    assertThat(Folder.texts(folder).values()).containsExactly("c", "b");
  }

  @Test
  void texts_ofAConfigMap_areOfTheFilesItLinks() throws IOException {
    write("..2026_01/a.yaml", "one");
    Files.createSymbolicLink(folder.resolve("..data"), Path.of("..2026_01"));
    Files.createSymbolicLink(folder.resolve("a.yaml"), Path.of("..data/a.yaml"));

    assertThat(names(folder)).containsExactly("a.yaml");
    assertThat(Folder.texts(folder).values()).containsExactly("one");
  }

  @Test
  void texts_ofNoFolder_areNot() {
    assertThatThrownBy(() -> Folder.texts(folder.resolve("none"))).isInstanceOf(IOException.class);
  }

  @Test
  void watcher_ofAFolder_takesFilesThatComeAndGoAndLinksThatTurn() throws IOException {
    write("one/config/a.yaml", "a");
    write("two/config/a.yaml", "b");
    Path current = folder.resolve("current");
    Files.createSymbolicLink(current, Path.of("one"));
    Path watched = current.resolve("config");
    List<String> heard = new ArrayList<>();
    FileWatcher.Listener<String> listener =
        new FileWatcher.Listener<>() {
          @Override
          public void changed(String value) {
            heard.add(value);
          }

          @Override
          public void refused(List<Problem> problems) {
            heard.add("refused");
          }
        };
    try (FileWatcher<String> watcher =
        FileWatcher.open(watched, text -> text.replaceAll("(?s)/.*/|\0", "").strip(), listener)) {
      assertThat(watcher.current()).isEqualTo("a.yaml\na");
      for (int i = 0; i < 12; i++) {
        watcher.poll();
      }
      Files.createSymbolicLink(folder.resolve("next"), Path.of("two"));
      Files.move(folder.resolve("next"), current, StandardCopyOption.ATOMIC_MOVE);
      watcher.poll();
      watcher.poll();
      assertThat(heard).containsExactly("a.yaml\nb");
      for (int i = 0; i < 12; i++) {
        watcher.poll();
      }
      write("two/config/a.yaml", "c");
      watcher.poll();
      watcher.poll();
      assertThat(heard).last().isEqualTo("a.yaml\nc");
      Files.delete(watched.resolve("a.yaml"));
      watcher.poll();
      watcher.poll();
      assertThat(heard).last().isEqualTo("");
      Files.delete(current);
      watcher.poll();
      watcher.poll();
      assertThat(heard).last().isEqualTo("refused");
    }
  }
}
