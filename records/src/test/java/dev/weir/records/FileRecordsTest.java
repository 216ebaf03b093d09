// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static dev.weir.records.Samples.await;
import static dev.weir.records.Samples.entry;
import static dev.weir.records.Samples.make;
import static dev.weir.records.Samples.put;
import static dev.weir.records.Samples.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileRecordsTest implements RecordStoreContract {

  @TempDir private Path temporary;
  private final AtomicInteger folders = new AtomicInteger();

  @Override
  public RecordStore create() {
    return FileRecords.open(folder());
  }

  private Path folder() {
    return temporary.resolve("data-" + folders.incrementAndGet());
  }

  @Test
  void store_openedAgain_hasEverything() {
    Path folder = folder();
    StoredRecord kept;
    try (RecordStore store = FileRecords.open(folder)) {
      StoredRecord deleted = put(store, user("deleted"), "1");
      kept = put(store, user("kept"), "\"ü\"");
      await(store.change(List.of(Change.delete(deleted)), Optional.of(entry("delete"))));
    }
    try (RecordStore store = FileRecords.open(folder)) {
      assertThat(await(store.list("user"))).containsExactly(kept);
      assertThat(await(store.audit(Long.MAX_VALUE, 10)))
          .singleElement()
          .satisfies(each -> assertThat(each.entry()).isEqualTo(entry("delete")));
      await(store.change(List.of(), Optional.of(entry("second"))));
      assertThat(await(store.audit(Long.MAX_VALUE, 10)))
          .extracting(AuditRecord::number)
          .containsExactly(2L, 1L);
      StoredRecord later = put(store, user("deleted"), "1");
      assertThat(later.version()).isGreaterThan(kept.version() + 1);
      assertThat(store.health().durable()).isTrue();
    }
  }

  @Test
  void folder_inUse_isRefusedWithAClearError() {
    Path folder = folder();
    try (RecordStore store = FileRecords.open(folder)) {
      assertThatThrownBy(() -> FileRecords.open(folder))
          .isInstanceOf(RecordStoreException.class)
          .hasMessageContaining(folder + " is in use by another process");
      put(store, user("a"), "1");
    }
    FileRecords.open(folder).close();
  }

  @Test
  void folder_thatCannotBe_isRefusedInWords() throws IOException {
    Path file = Files.createFile(temporary.resolve("a-file"));
    assertThatThrownBy(() -> FileRecords.open(file))
        .isInstanceOf(RecordStoreException.class)
        .hasMessage(
            "records: %s cannot be opened: %s is no folder", file.resolve("records.log"), file);
    Path nowhere = Files.createSymbolicLink(temporary.resolve("link"), Path.of("nowhere/data"));
    assertThatThrownBy(() -> FileRecords.open(nowhere.resolve("data")))
        .isInstanceOf(RecordStoreException.class)
        .hasMessageContaining("cannot be opened")
        .hasMessageNotContaining("Exception");
  }

  @Test
  void files_made_areForTheOwnerOnly() throws IOException {
    Path folder = folder();
    try (RecordStore store = FileRecords.open(folder)) {
      put(store, user("a"), "1");
      assertThat(permissions(folder)).isEqualTo("rwx------");
      try (var files = Files.list(folder)) {
        assertThat(files.toList())
            .hasSize(2)
            .allSatisfy(file -> assertThat(permissions(file)).isEqualTo("rw-------"));
      }
    }
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void folder_thatOthersMayWrite_isWarnedOf() throws IOException {
    Path folder = Files.createDirectory(folder());
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    try (RecordStore store = FileRecords.open(folder)) {
      assertThat(store.health().warnings())
          .singleElement()
          .asString()
          .contains("can be written by others");
      assertThat(store.health().reachable()).isTrue();
    }
  }

  @Test
  void folder_thatIsAFile_isAClearError() throws IOException {
    Path file = Files.writeString(folder(), "text");
    assertThatThrownBy(() -> FileRecords.open(file))
        .isInstanceOf(RecordStoreException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void file_broken_isAClearErrorThatNamesIt() throws IOException {
    Path folder = folder();
    try (RecordStore store = FileRecords.open(folder)) {
      for (int i = 0; i < 50; i++) {
        put(store, user("user-" + i), "\"" + "x".repeat(1_000) + "\"");
      }
    }
    Path file = folder.resolve(FileBacking.FILE);
    byte[] good = Files.readAllBytes(file);
    byte[] flipped = good.clone();
    flipped[good.length / 2] ^= 1;
    byte[] noise = good.clone();
    Random random = new Random(7);
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (byte) random.nextInt();
    }
    for (byte[] bad : List.of("not a store".getBytes("UTF-8"), new byte[0], flipped, noise)) {
      Files.write(file, bad);
      assertThatThrownBy(() -> FileRecords.open(folder))
          .as("%s bytes", bad.length)
          .isInstanceOfSatisfying(
              RecordStoreException.class,
              e -> assertThat(e.category()).isEqualTo(RecordStoreException.Category.BROKEN))
          .hasMessageContaining(file.toString());
    }
    Files.write(file, good);
    try (RecordStore store = FileRecords.open(folder)) {
      assertThat(await(store.list("user"))).hasSize(50);
    }
  }

  @Test
  void changes_waitingTogether_areAllKept() {
    Path folder = folder();
    List<CompletionStage<List<StoredRecord>>> under = new ArrayList<>();
    try (RecordStore store = FileRecords.open(folder)) {
      for (int i = 0; i < 400; i++) {
        under.add(
            store.change(
                List.of(Change.create(user("user-" + i), "1")), Optional.of(entry("make " + i))));
      }
      under.forEach(Samples::await);
    }
    try (RecordStore store = FileRecords.open(folder)) {
      assertThat(await(store.list("user"))).hasSize(400);
      assertThat(await(store.audit(Long.MAX_VALUE, 500)))
          .hasSize(400)
          .first()
          .satisfies(newest -> assertThat(newest.entry().action()).isEqualTo("make 399"));
    }
  }

  @Test
  void close_whileChangesWait_keepsWhatItAcknowledges() {
    Path folder = folder();
    List<CompletionStage<List<StoredRecord>>> under = new ArrayList<>();
    RecordStore store = FileRecords.open(folder);
    for (int i = 0; i < 200; i++) {
      under.add(store.change(List.of(Change.create(user("" + i), "1")), Optional.empty()));
    }
    store.close();
    under.forEach(Samples::await);
    try (RecordStore again = FileRecords.open(folder)) {
      assertThat(await(again.list("user"))).hasSize(200);
    }
  }

  @Test
  void file_ofOneRecordThatChangesOften_staysSmall() throws IOException {
    Path folder = folder();
    try (RecordStore store = FileRecords.open(folder)) {
      StoredRecord now = put(store, user("busy"), "0");
      String long100k = "\"" + "x".repeat(100_000) + "\"";
      for (int i = 0; i < 500; i++) {
        now = make(store, Change.replace(now, long100k)).get(0);
        now =
            await(
                    store.change(
                        List.of(Change.replace(now, Integer.toString(i))),
                        Optional.of(entry("change " + i))))
                .get(0);
      }
      make(store, Change.create(user("last"), "1"));
    }
    try (RecordStore store = FileRecords.open(folder)) {
      assertThat(await(store.get(user("last")))).isPresent();
      assertThat(await(store.audit(Long.MAX_VALUE, 500))).hasSize(500);
      assertThat(await(store.get(user("busy"))).orElseThrow().value()).isEqualTo("499");
    }
    assertThat(Files.size(folder.resolve(FileBacking.FILE))).isLessThan(9L << 20);
  }
}
