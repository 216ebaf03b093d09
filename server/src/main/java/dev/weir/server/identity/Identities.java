// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

import static java.util.Objects.requireNonNull;

import dev.weir.core.TimeSource;
import dev.weir.records.AuditEntry;
import dev.weir.records.Batch;
import dev.weir.records.Change;
import dev.weir.records.RecordConflictException;
import dev.weir.records.RecordKey;
import dev.weir.records.RecordStore;
import dev.weir.records.StoredRecord;
import dev.weir.records.Subscription;
import dev.weir.server.identity.ChangeRefused.Why;
import dev.weir.server.wire.Causes;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Users and their API keys. Looked up in memory, by any thread; changed in the records, which every
 * instance follows. The stage of a change completes when it is durable, and fails with a {@link
 * ChangeRefused} or with the record store's exceptions.
 */
public final class Identities implements AutoCloseable {

  /** Most keys that one user may have. */
  public static final int MAX_KEYS = 50;

  /** Most users, and most keys. */
  public static final int MAX_RECORDS = 1_000_000;

  private static final Duration LONGEST_OVERLAP = Duration.ofDays(90);

  /**
   * How keys look and are hashed.
   *
   * @param format how they look
   * @param secret what they are hashed with, the same on every instance; without one, keys cannot
   *     be made
   */
  public record KeySettings(KeyFormat format, Optional<String> secret) {

    /** Without a secret. */
    public static final KeySettings DEFAULT = new KeySettings(KeyFormat.DEFAULT, Optional.empty());

    /**
     * @throws IllegalArgumentException if the secret has fewer than 16 characters
     */
    public KeySettings {
      requireNonNull(format, "format");
      requireNonNull(secret, "secret").ifPresent(KeyHash::of);
    }

    /** The same with a secret. */
    public KeySettings secret(String text) {
      return new KeySettings(format, Optional.of(text));
    }

    /** How they look; not the secret. */
    @Override
    public String toString() {
      return "KeySettings[" + format + "]";
    }
  }

  /**
   * A key that was just made.
   *
   * @param text the key, which is told now and never again
   * @param key what is kept of it
   */
  public record IssuedKey(String text, ApiKey key) {

    /** What is kept of it; not the key. */
    @Override
    public String toString() {
      return "IssuedKey[" + key.id() + "]";
    }
  }

  /**
   * A key to be made.
   *
   * @param user whose
   * @param chosen the key itself, if it was made elsewhere
   * @param name what its owner calls it; may be empty
   * @param scopes what it may be used for; none means everything
   * @param expiresAtMillis from when on it is refused, if ever
   */
  public record KeyRequest(
      String user,
      Optional<String> chosen,
      String name,
      Set<String> scopes,
      OptionalLong expiresAtMillis) {

    /** A key for everything, without an end. */
    public static KeyRequest of(String user) {
      return new KeyRequest(user, Optional.empty(), "", Set.of(), OptionalLong.empty());
    }

    /** Whose; not the key. */
    @Override
    public String toString() {
      return "KeyRequest[" + user + "]";
    }
  }

  private final RecordStore records;
  private final KeyFormat format;
  private final KeyHash hash;
  private final boolean issues;
  private final Supplier<Set<String>> tiers;
  private final TimeSource time;
  private final Directory directory = new Directory();
  private final CompletableFuture<Void> loaded = new CompletableFuture<>();
  private final Subscription subscription;

  private Identities(
      RecordStore records, KeySettings settings, Supplier<Set<String>> tiers, TimeSource time) {
    this.records = records;
    this.format = settings.format();
    this.hash = settings.secret().map(KeyHash::of).orElseGet(KeyHash::random);
    this.issues = settings.secret().isPresent();
    this.tiers = requireNonNull(tiers, "tiers");
    this.time = requireNonNull(time, "time");
    this.subscription = records.watch(this::follow);
  }

  /**
   * Follows the records.
   *
   * @param tiers the tiers that users may have; none means any
   */
  public static Identities of(
      RecordStore records, KeySettings settings, Supplier<Set<String>> tiers, TimeSource time) {
    return new Identities(requireNonNull(records, "records"), settings, tiers, time);
  }

  private void follow(Batch batch) {
    directory.follow(batch);
    if (directory.loaded()) {
      loaded.complete(null);
    }
  }

  /** Completes when all records are known; before, keys of records are too early. Never fails. */
  public CompletionStage<Void> loaded() {
    return loaded.minimalCompletionStage();
  }

  /**
   * Puts what files name in place of what they named before.
   *
   * @throws IllegalArgumentException if a key is of nobody, or a name out of shape
   */
  public void configure(Configured configured) {
    List<User> users = new ArrayList<>();
    configured.tiers().forEach((id, tier) -> users.add(User.configured(id, tier)));
    List<ApiKey> keys = new ArrayList<>();
    configured
        .keys()
        .forEach(
            (text, user) -> {
              if (!configured.tiers().containsKey(user)) {
                throw new IllegalArgumentException(
                    "key of \"" + Texts.shortened(user) + "\" (expected: a user of the same file)");
              }
              keys.add(kept(text, user, "", Set.of(), 0, OptionalLong.empty(), true));
            });
    directory.configured(users, keys);
  }

  /** What a key turns out to be; never blocks. */
  public Presented present(@Nullable String text) {
    if (text == null) {
      return Presented.Refused.MISSING;
    }
    if (text.isBlank()) {
      return Presented.Refused.EMPTY;
    }
    if (!format.fits(text)) {
      return Presented.Refused.MALFORMED;
    }
    KeyHash.Digest digest = hash.hash(text);
    Presented.Caller caller = directory.caller(digest);
    if (caller != null) {
      return caller.key().inForce(nowMillis()) ? caller : Presented.Refused.ENDED;
    }
    if (directory.key(digest) != null) {
      return Presented.Refused.ENDED;
    }
    return directory.loaded() ? Presented.Refused.UNKNOWN : Presented.Refused.TOO_EARLY;
  }

  /** What is kept of a key, whether it is in force or not. */
  public Optional<ApiKey> find(String text) {
    return format.fits(text)
        ? Optional.ofNullable(directory.key(hash.hash(text)))
        : Optional.empty();
  }

  /** What is kept of the key with an id. */
  public Optional<ApiKey> key(String id) {
    return id.matches("[0-9a-f]{16}")
        ? Optional.ofNullable(directory.key(Long.parseUnsignedLong(id, 16)))
        : Optional.empty();
  }

  public Optional<User> user(String id) {
    return Optional.ofNullable(directory.user(id));
  }

  /** All users by their ids, in order; a copy. */
  public Map<String, User> users() {
    return directory.users();
  }

  /** The keys of a user, in the order of their ids; a copy. */
  public Collection<ApiKey> keysOf(String user) {
    return directory.keysOf(user);
  }

  public int userCount() {
    return directory.userCount();
  }

  public int keyCount() {
    return directory.keyCount();
  }

  /** Makes a user. */
  public CompletionStage<User> create(User user, String author) {
    return guarded(
        () -> {
          checkTier(user.tier());
          if (directory.user(user.id()) != null) {
            throw ChangeRefused.exists("user", user.id());
          }
          checkRoom(directory.userCount());
          User made = new User(user.id(), user.tier(), user.tenant(), nowMillis(), false);
          AuditEntry audit = new AuditEntry(author, "user.create", user.id(), "", made.write());
          return write(Change.create(userKey(user.id()), made.write()), audit, made);
        });
  }

  /** Moves a user to another tier or tenant; what is empty stays. */
  public CompletionStage<User> update(
      String id, Optional<String> tier, Optional<String> tenant, String author) {
    return guarded(
        () -> {
          tier.ifPresent(this::checkTier);
          User known = known(id);
          User moved = tier.map(known::tier).orElse(known);
          moved = tenant.isPresent() ? moved.tenant(tenant) : moved;
          User next = new User(id, moved.tier(), moved.tenant(), known.createdAtMillis(), false);
          AuditEntry audit = new AuditEntry(author, "user.update", id, known.write(), next.write());
          return version(userKey(id))
              .thenCompose(
                  version ->
                      write(
                          new Change(userKey(id), version, Optional.of(next.write())),
                          audit,
                          next));
        });
  }

  /** Removes a user with all keys. */
  public CompletionStage<User> delete(String id, String author) {
    return guarded(
        () -> {
          User known = known(id);
          refuseConfigured("user", id, known.configured());
          List<RecordKey> gone = new ArrayList<>();
          gone.add(userKey(id));
          for (ApiKey key : directory.keysOf(id)) {
            if (!key.configured()) {
              gone.add(keyKey(key.id()));
            }
          }
          AuditEntry audit = new AuditEntry(author, "user.delete", id, known.write(), "");
          return deletions(gone)
              .thenCompose(changes -> records.change(changes, Optional.of(audit)))
              .thenApply(
                  done -> {
                    directory.made(List.of(), gone);
                    return known;
                  });
        });
  }

  /** Makes a key. */
  public CompletionStage<IssuedKey> issue(KeyRequest request, String author) {
    return guarded(
        () -> {
          checkIssues();
          User user = known(request.user());
          if (directory.keysOf(user.id()).size() >= MAX_KEYS) {
            throw new ChangeRefused(
                Why.CONFLICT, "keys of " + user.id() + ": " + MAX_KEYS + " (that is the most)");
          }
          checkRoom(directory.keyCount());
          request.expiresAtMillis().ifPresent(this::checkFuture);
          String text = request.chosen().orElseGet(format::create);
          if (!format.fits(text)) {
            throw new ChangeRefused(
                Why.INVALID,
                "api_key: not shown (expected: 10..200 letters, digits, _ and -; one that looks as"
                    + " if made here has the right checksum)");
          }
          ApiKey key =
              kept(
                  text,
                  user.id(),
                  request.name(),
                  request.scopes(),
                  nowMillis(),
                  request.expiresAtMillis(),
                  false);
          if (directory.key(key.hash().first()) != null) {
            throw ChangeRefused.exists("api_key", key.id());
          }
          AuditEntry audit = new AuditEntry(author, "key.create", key.id(), "", shown(key));
          return write(
              Change.create(keyKey(key.id()), key.write()), audit, new IssuedKey(text, key));
        });
  }

  /**
   * Makes a key in place of another, which goes on for a while.
   *
   * @param overlap how long the other is still good; 0 to 90 days
   */
  public CompletionStage<IssuedKey> rotate(String id, Duration overlap, String author) {
    return guarded(
        () -> {
          checkIssues();
          if (overlap.isNegative() || overlap.compareTo(LONGEST_OVERLAP) > 0) {
            throw new ChangeRefused(Why.INVALID, "overlap: " + overlap + " (expected: 0..90 days)");
          }
          ApiKey old = changeable(id);
          long now = nowMillis();
          String text = format.create();
          ApiKey next =
              kept(text, old.user(), old.name(), old.scopes(), now, OptionalLong.empty(), false);
          long end = now + overlap.toMillis();
          ApiKey ending = old.expiringBy(end);
          AuditEntry audit =
              new AuditEntry(
                  author, "key.rotate", id, shown(old), shown(ending) + ' ' + shown(next));
          return version(keyKey(id))
              .thenCompose(
                  version ->
                      records.change(
                          List.of(
                              new Change(keyKey(id), version, Optional.of(ending.write())),
                              Change.create(keyKey(next.id()), next.write())),
                          Optional.of(audit)))
              .thenApply(
                  written -> {
                    directory.made(written, List.of());
                    return new IssuedKey(text, next);
                  });
        });
  }

  /** Refuses a key from now on. */
  public CompletionStage<ApiKey> revoke(String id, String author) {
    return guarded(
        () -> {
          ApiKey old = changeable(id);
          ApiKey revoked = old.revoked(nowMillis());
          AuditEntry audit = new AuditEntry(author, "key.revoke", id, shown(old), shown(revoked));
          return version(keyKey(id))
              .thenCompose(
                  version ->
                      write(
                          new Change(keyKey(id), version, Optional.of(revoked.write())),
                          audit,
                          revoked));
        });
  }

  private <T> CompletionStage<T> write(Change change, AuditEntry audit, T result) {
    return records
        .change(List.of(change), Optional.of(audit))
        .thenApply(
            written -> {
              directory.made(written, List.of());
              return result;
            });
  }

  private CompletionStage<Long> version(RecordKey key) {
    return records.get(key).thenApply(found -> found.map(StoredRecord::version).orElse(0L));
  }

  private CompletionStage<List<Change>> deletions(List<RecordKey> keys) {
    CompletionStage<List<Change>> all = CompletableFuture.completedFuture(new ArrayList<>());
    for (RecordKey key : keys) {
      all =
          all.thenCombine(
              version(key),
              (changes, version) -> {
                if (version > 0) {
                  changes.add(new Change(key, version, Optional.empty()));
                }
                return changes;
              });
    }
    return all;
  }

  /** Fails the stage with what was thrown, and tells conflicts as such. */
  private static <T> CompletionStage<T> guarded(Supplier<CompletionStage<T>> change) {
    CompletionStage<T> stage;
    try {
      stage = change.get();
    } catch (ChangeRefused e) {
      return CompletableFuture.failedFuture(e);
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(
          new ChangeRefused(Why.INVALID, String.valueOf(e.getMessage())));
    }
    Function<Throwable, CompletionStage<T>> told =
        error -> {
          Throwable cause = Causes.of(error);
          return CompletableFuture.failedFuture(
              cause instanceof RecordConflictException conflict
                  ? new ChangeRefused(
                      Why.CONFLICT, conflict.key().id() + ": was changed at the same time")
                  : cause);
        };
    return stage.exceptionallyCompose(told);
  }

  private User known(String id) {
    User user = directory.user(id);
    if (user == null) {
      throw ChangeRefused.notFound("user", id);
    }
    return user;
  }

  private ApiKey changeable(String id) {
    ApiKey key = key(id).orElseThrow(() -> ChangeRefused.notFound("key", id));
    refuseConfigured("key", id, key.configured());
    if (key.revokedAtMillis().isPresent()) {
      throw new ChangeRefused(Why.CONFLICT, "key: \"" + id + "\" is revoked");
    }
    return key;
  }

  private static void refuseConfigured(String what, String id, boolean configured) {
    if (configured) {
      throw new ChangeRefused(
          Why.CONFLICT,
          what + ": \"" + Texts.shortened(id) + "\" is named by a configuration file: change that");
    }
  }

  private void checkIssues() {
    if (!issues) {
      throw new ChangeRefused(
          Why.CONFLICT,
          "keys cannot be made: no secret to hash them with (expected: identities.secret or"
              + " WEIR_KEY_SECRET, the same on every instance)");
    }
  }

  private void checkTier(String tier) {
    Set<String> known = tiers.get();
    if (!known.isEmpty() && !known.contains(tier)) {
      throw new ChangeRefused(
          Why.INVALID, "tier: \"" + Texts.shortened(tier) + "\" (expected: one of " + known + ")");
    }
  }

  private static void checkRoom(int count) {
    if (count >= MAX_RECORDS) {
      throw new ChangeRefused(Why.CONFLICT, count + " records (that is the most)");
    }
  }

  private void checkFuture(long millis) {
    if (millis <= nowMillis()) {
      throw new ChangeRefused(Why.INVALID, "expires: in the past (expected: a time to come)");
    }
  }

  private ApiKey kept(
      String text,
      String user,
      String name,
      Set<String> scopes,
      long createdAtMillis,
      OptionalLong expiresAtMillis,
      boolean configured) {
    KeyHash.Digest digest = hash.hash(text);
    return new ApiKey(
        digest.id(),
        digest,
        format.start(text),
        user,
        name,
        scopes,
        createdAtMillis,
        expiresAtMillis,
        OptionalLong.empty(),
        configured);
  }

  /** A key as the audit trail tells it: without its hash. */
  private static String shown(ApiKey key) {
    JsonObject object = new JsonObject(key.write());
    object.remove("hash");
    return object.put("id", key.id()).encode();
  }

  private static RecordKey userKey(String id) {
    return new RecordKey(User.KIND, id);
  }

  private static RecordKey keyKey(String id) {
    return new RecordKey(ApiKey.KIND, id);
  }

  private long nowMillis() {
    return time.micros() / 1_000;
  }

  /** Stops following the records. */
  @Override
  public void close() {
    subscription.close();
  }
}
