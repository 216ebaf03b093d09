// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

import static java.util.Objects.requireNonNull;

import dev.weir.core.TimeSource;
import dev.weir.records.Batch;
import dev.weir.records.RecordStore;
import dev.weir.records.Subscription;
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

  private final KeyFormat format;
  private final KeyHash hash;
  private final KeyMaker maker;
  private final TimeSource time;
  private final Directory directory = new Directory();
  private final IdentityChanges changes;
  private final CompletableFuture<Void> loaded = new CompletableFuture<>();
  private final Subscription subscription;

  private Identities(
      RecordStore records, KeySettings settings, Supplier<Set<String>> tiers, TimeSource time) {
    this.format = settings.format();
    this.hash = settings.secret().map(KeyHash::of).orElseGet(KeyHash::random);
    this.maker = new KeyMaker(format, hash);
    this.time = requireNonNull(time, "time");
    this.changes =
        new IdentityChanges(
            records,
            directory,
            maker,
            settings.secret().isPresent(),
            requireNonNull(tiers, "tiers"),
            time);
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
              keys.add(maker.kept(text, user, "", Set.of(), 0, OptionalLong.empty(), true));
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
    return directory.keyWithId(id);
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
    return changes.create(user, author);
  }

  /** Moves a user to another tier or tenant; what is empty stays. */
  public CompletionStage<User> update(
      String id, Optional<String> tier, Optional<String> tenant, String author) {
    return changes.update(id, tier, tenant, author);
  }

  /** Removes a user with all keys. */
  public CompletionStage<User> delete(String id, String author) {
    return changes.delete(id, author);
  }

  /** Makes a key. */
  public CompletionStage<IssuedKey> issue(KeyRequest request, String author) {
    return changes.issue(request, author);
  }

  /**
   * Makes a key in place of another, which goes on for a while.
   *
   * @param overlap how long the other is still good; 0 to 90 days
   */
  public CompletionStage<IssuedKey> rotate(String id, Duration overlap, String author) {
    return changes.rotate(id, overlap, author);
  }

  /** Refuses a key from now on. */
  public CompletionStage<ApiKey> revoke(String id, String author) {
    return changes.revoke(id, author);
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
