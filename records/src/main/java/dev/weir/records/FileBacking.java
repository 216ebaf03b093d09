// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.records.RecordStoreException.Category;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records and the trail in a log of steps: what waits together becomes one frame of a {@link
 * FrameLog}, forced to the disk before any of it is acknowledged. When most of the log is past, a
 * new one with what is there now takes its place under its name.
 */
final class FileBacking implements Backing {

  static final String FILE = "records.log";
  static final String LOCK_FILE = "records.lock";

  private static final Logger LOG = LoggerFactory.getLogger(FileBacking.class);
  private static final long LEAST_REWRITTEN = 8L << 20;
  private static final int REWRITE_AT = 3;
  private static final int SNAPSHOT_CHARACTERS = 1 << 20;
  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

  private final Path file;
  private final FileChannel lockChannel;
  private final List<String> warnings;
  private final Map<RecordKey, StoredRecord> read = new HashMap<>();
  private final Trail trail = new Trail();
  private long sequence;
  private FrameLog log;
  private long rewriteAt;

  private FileBacking(Path file, FileChannel lockChannel, List<String> warnings)
      throws IOException {
    this.file = file;
    this.lockChannel = lockChannel;
    this.warnings = warnings;
    this.log = FrameLog.open(file, create(file), this::read);
    long live = trail.characters();
    for (StoredRecord each : read.values()) {
      live += each.value().length();
    }
    this.rewriteAt = Math.max(LEAST_REWRITTEN, REWRITE_AT * live);
  }

  static FileBacking open(Path folder) {
    Path file = folder.resolve(FILE);
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(folder, ownerOnly("rwx------"));
      }
      FileChannel lockChannel = lock(folder);
      try {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
          name(snapshot(file, List.of(), List.of(), 0), file);
        }
        return new FileBacking(file, lockChannel, warnings(folder));
      } catch (RuntimeException | IOException e) {
        lockChannel.close();
        throw e;
      }
    } catch (IOException e) {
      throw new RecordStoreException(
          Category.UNAVAILABLE, "records: " + file + " cannot be opened: " + why(e), e);
    }
  }

  private static String why(IOException error) {
    return switch (error) {
      case NoSuchFileException missing -> "no such folder: " + missing.getFile();
      case AccessDeniedException denied -> "no permission for " + denied.getFile();
      case FileAlreadyExistsException other -> other.getFile() + " is no folder";
      default -> error.getMessage() == null ? error.toString() : error.getMessage();
    };
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
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
            ownerOnly("rw-------"));
    if (POSIX) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }
    return channel;
  }

  private static FileAttribute<?>[] ownerOnly(String permissions) {
    return POSIX
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
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

  private void read(byte[] frame) {
    List<String> texts;
    try {
      texts = FileTexts.split(new String(frame, UTF_8));
      for (int i = 0; i < texts.size(); i += 3) {
        read(texts.get(i), texts.get(i + 1), texts.get(i + 2));
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new RecordStoreException(
          Category.BROKEN, "records: " + file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private void read(String what, String name, String text) {
    switch (what) {
      case "put" -> {
        StoredRecord each = FileTexts.stored(name, text);
        read.put(each.key(), each);
      }
      case "delete" -> read.remove(FileTexts.key(name));
      case "audit" -> trail.add(FileTexts.audit(Long.parseLong(name), text));
      case "step" -> sequence = Long.parseLong(name);
      default ->
          throw new IllegalArgumentException(what + " (expected: put, delete, audit or step)");
    }
  }

  @Override
  public Kept load() {
    List<StoredRecord> all = List.copyOf(read.values());
    read.clear();
    return new Kept(all, sequence, trail.lastNumber());
  }

  @Override
  public void keep(List<Step> steps, Collection<StoredRecord> now) {
    StringBuilder text = new StringBuilder();
    for (Step step : steps) {
      step.present().forEach(each -> FileTexts.put(text, each));
      step.gone().forEach(key -> FileTexts.join(text, "delete", key.toString(), ""));
      step.audit().ifPresent(each -> FileTexts.append(text, each));
      sequence = step.sequence();
    }
    FileTexts.join(text, "step", Long.toString(sequence), "");
    try {
      log.append(text.toString().getBytes(UTF_8));
      log.force();
    } catch (IOException e) {
      throw new RecordStoreException(
          Category.BROKEN, "records: " + file + " cannot be written: " + e, e);
    }
    steps.forEach(step -> step.audit().ifPresent(trail::add));
    if (log.size() > rewriteAt) {
      rewrite(now);
    }
  }

  /* Where it fails the log that is there goes on: nothing is lost but space. */
  private void rewrite(Collection<StoredRecord> now) {
    rewriteAt = 2 * log.size();
    try {
      Path next = snapshot(file, now, trail.all(), sequence);
      name(next, file);
    } catch (IOException e) {
      LOG.warn("records: {} grows, since it cannot be written anew: {}", file, e.toString());
      return;
    }
    try {
      log.close();
      log = FrameLog.open(file, create(file), frame -> {});
      rewriteAt = Math.max(LEAST_REWRITTEN, REWRITE_AT * log.size());
    } catch (IOException e) {
      throw new RecordStoreException(
          Category.BROKEN, "records: " + file + " cannot be written: " + e, e);
    }
  }

  /** A whole file of another name, on the disk. */
  private static Path snapshot(
      Path file, Collection<StoredRecord> records, Iterable<AuditRecord> audit, long sequence)
      throws IOException {
    Path next = file.resolveSibling(FILE + ".new");
    try (FrameLog log = FrameLog.create(next, create(next))) {
      StringBuilder text = new StringBuilder();
      for (StoredRecord each : records) {
        FileTexts.put(text, each);
        flush(log, text, SNAPSHOT_CHARACTERS);
      }
      for (AuditRecord each : audit) {
        FileTexts.append(text, each);
        flush(log, text, SNAPSHOT_CHARACTERS);
      }
      FileTexts.join(text, "step", Long.toString(sequence), "");
      flush(log, text, 0);
      log.force();
    }
    return next;
  }

  private static void flush(FrameLog log, StringBuilder text, int least) throws IOException {
    if (text.length() > least) {
      log.append(text.toString().getBytes(UTF_8));
      text.setLength(0);
    }
  }

  /* A new name is on the disk when its folder is; only POSIX systems can be asked for that. */
  private static void name(Path next, Path file) throws IOException {
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Path folder = file.toAbsolutePath().getParent();
    if (POSIX && folder != null) {
      try (FileChannel channel = FileChannel.open(folder)) {
        channel.force(true);
      }
    }
  }

  @Override
  public List<AuditRecord> audit(long beforeNumber, int max) {
    return trail.before(beforeNumber, max);
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
  public void close() {
    try {
      log.close();
      lockChannel.close();
    } catch (IOException e) {
      throw new RecordStoreException(Category.BROKEN, "records: " + file + " cannot be closed", e);
    }
  }
}
