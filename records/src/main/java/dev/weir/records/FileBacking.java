// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import dev.weir.records.RecordStoreException.Category;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.type.LongDataType;
import org.h2.mvstore.type.StringDataType;

/**
 * Records and the trail in an MVStore.
 *
 * <p>Steps become part of one version of the store, which is written as one chunk and forced to the
 * disk: after a kill the store opens at the last version that is there whole. It never commits on
 * its own, since that could part a step. A space of the file is used again only some seconds after
 * what was there had become part of a later version.
 */
final class FileBacking implements Backing {

  static final String FILE = "records.mv";
  static final String LOCK_FILE = "records.lock";

  private static final String FORMAT = "1";
  private static final int REUSE_AFTER_MILLIS = 5_000;
  private static final int CACHE_MEGABYTES = 4;
  private static final int TIDY_EVERY = 256;
  private static final int LEAST_FILL_PERCENT = 50;
  private static final int REWRITE_BYTES = 4 << 20;
  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

  private final Path file;
  private final FileChannel lockChannel;
  private final List<String> warnings;
  private final MVStore store;
  private final MVMap<String, String> about;
  private final MVMap<String, String> records;
  private final MVMap<Long, String> trail;
  private int commits;
  private boolean stepping;

  private FileBacking(
      Path file, FileChannel lockChannel, List<String> warnings, MVStore store, boolean fresh) {
    this.file = file;
    this.lockChannel = lockChannel;
    this.warnings = warnings;
    this.store = store;
    // The types are named: the default one would read any Java object that a file contains.
    MVMap.Builder<String, String> texts = new MVMap.Builder<>();
    texts.keyType(StringDataType.INSTANCE).valueType(StringDataType.INSTANCE);
    MVMap.Builder<Long, String> numbered = new MVMap.Builder<>();
    numbered.keyType(LongDataType.INSTANCE).valueType(StringDataType.INSTANCE);
    this.about = store.openMap("about", texts);
    this.records = store.openMap("records", texts);
    this.trail = store.openMap("audit", numbered);
    if (fresh) {
      about.put("format", FORMAT);
    }
  }

  static FileBacking open(Path folder) {
    Path file = folder.resolve(FILE);
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(folder, ownerOnly("rwx------"));
      }
      FileChannel lockChannel = lock(folder);
      try {
        return open(file, lockChannel, warnings(folder));
      } catch (RuntimeException | IOException e) {
        lockChannel.close();
        throw e;
      }
    } catch (IOException e) {
      throw new RecordStoreException(
          Category.UNAVAILABLE, "records: " + file + " cannot be opened: " + e, e);
    }
  }

  private static FileChannel lock(Path folder) throws IOException {
    FileChannel channel = create(folder.resolve(LOCK_FILE));
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // Another store of this very process has it.
    }
    channel.close();
    throw new RecordStoreException(
        Category.UNAVAILABLE,
        "records: " + folder + " is in use by another process (expected: a folder of its own)");
  }

  private static FileChannel create(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
            ownerOnly("rw-------"));
    restrict(path);
    return channel;
  }

  private static FileAttribute<?>[] ownerOnly(String permissions) {
    return POSIX
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  private static void restrict(Path path) throws IOException {
    if (POSIX) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }
  }

  private static List<String> warnings(Path folder) throws IOException {
    if (POSIX) {
      Set<PosixFilePermission> all = Files.getPosixFilePermissions(folder);
      if (all.contains(PosixFilePermission.GROUP_WRITE)
          || all.contains(PosixFilePermission.OTHERS_WRITE)) {
        return List.of(folder + " can be written by others, who can replace the records in it");
      }
    }
    return List.of();
  }

  /* A file under its final name has been whole once: one that is not readable is broken. */
  private static FileBacking open(Path file, FileChannel lockChannel, List<String> warnings)
      throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      Path next = file.resolveSibling(FILE + ".new");
      Files.deleteIfExists(next);
      create(next).close();
      MVStore store = mvStore(next);
      try {
        new FileBacking(next, lockChannel, warnings, store, true).commit();
      } finally {
        store.close();
      }
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      forceName(file);
    }
    restrict(file);
    return guarded(
        file,
        () -> {
          MVStore store = mvStore(file);
          try {
            return new FileBacking(file, lockChannel, warnings, store, false);
          } catch (RuntimeException e) {
            store.closeImmediately();
            throw e;
          }
        });
  }

  /* A new name is on the disk when its folder is; only POSIX systems can be asked for that. */
  private static void forceName(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (POSIX && folder != null) {
      try (FileChannel channel = FileChannel.open(folder)) {
        channel.force(true);
      }
    }
  }

  private static MVStore mvStore(Path file) {
    MVStore store =
        new MVStore.Builder()
            .fileName(file.toString())
            .autoCommitDisabled()
            .autoCommitBufferSize(0)
            .cacheSize(CACHE_MEGABYTES)
            .open();
    store.setRetentionTime(REUSE_AFTER_MILLIS);
    return store;
  }

  /* What MVStore throws at a file that is not as it left it has many types. */
  private static <T> T guarded(Path file, Supplier<T> work) {
    try {
      return work.get();
    } catch (RecordStoreException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new RecordStoreException(
          Category.BROKEN, "records: " + file + " cannot be read or written: " + e.getMessage(), e);
    }
  }

  @Override
  public Kept load() {
    return guarded(
        file,
        () -> {
          if (!FORMAT.equals(about.get("format"))) {
            throw new RecordStoreException(
                Category.BROKEN,
                "records: "
                    + file
                    + " has format "
                    + about.get("format")
                    + " (expected: "
                    + FORMAT
                    + ")");
          }
          List<StoredRecord> kept = new ArrayList<>();
          for (Map.Entry<String, String> each : records.entrySet()) {
            kept.add(FileTexts.stored(each.getKey(), each.getValue()));
          }
          Long newest = trail.lastKey();
          return new Kept(kept, number("sequence"), newest == null ? 0 : newest);
        });
  }

  private long number(String name) {
    String text = about.get(name);
    return text == null ? 0 : Long.parseLong(text);
  }

  @Override
  public void keep(List<Step> steps) {
    guarded(
        file,
        () -> {
          stepping = true;
          for (Step step : steps) {
            step.present()
                .forEach(each -> records.put(each.key().toString(), FileTexts.text(each)));
            step.gone().forEach(key -> records.remove(key.toString()));
            step.audit().ifPresent(this::append);
          }
          about.put("sequence", Long.toString(steps.get(steps.size() - 1).sequence()));
          commit();
          stepping = false;
          if (++commits % TIDY_EVERY == 0) {
            store.compact(LEAST_FILL_PERCENT, REWRITE_BYTES);
          }
          return steps;
        });
  }

  private void append(AuditRecord entry) {
    trail.put(entry.number(), FileTexts.text(entry));
    if (trail.sizeAsLong() > Bounds.MAX_AUDIT_RECORDS) {
      trail.remove(trail.firstKey());
    }
  }

  /* A commit alone leaves what it wrote to the system, which may lose it with its power. */
  private void commit() {
    store.commit();
    store.sync();
  }

  @Override
  public List<AuditRecord> audit(long beforeNumber, int max) {
    return guarded(
        file,
        () -> {
          List<AuditRecord> page = new ArrayList<>();
          Long start = trail.lowerKey(beforeNumber);
          if (start != null) {
            Cursor<Long, String> newest = trail.cursor(start, null, true);
            while (newest.hasNext() && page.size() < max) {
              page.add(FileTexts.audit(newest.next(), newest.getValue()));
            }
          }
          return page;
        });
  }

  @Override
  public List<String> warnings() {
    return warnings;
  }

  @Override
  public RecordHealth.Kind kind() {
    return RecordHealth.Kind.FILE;
  }

  @Override
  public void rest() {
    guarded(
        file,
        () -> {
          if (store.compact(LEAST_FILL_PERCENT, REWRITE_BYTES)) {
            commit();
          }
          return file;
        });
  }

  @Override
  public void close() {
    closeStore();
    try {
      lockChannel.close();
    } catch (IOException e) {
      throw new RecordStoreException(Category.BROKEN, "records: " + file + " cannot be closed", e);
    }
  }

  private void closeStore() {
    if (stepping) {
      // An ordinary close would commit what is there of a step that failed.
      store.closeImmediately();
      return;
    }
    try {
      store.close();
    } catch (MVStoreException e) {
      // Everything acknowledged is on the disk; closing tidies up, no more.
      store.closeImmediately();
    }
  }
}
