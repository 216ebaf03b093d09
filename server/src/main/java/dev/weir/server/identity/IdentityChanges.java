// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

import dev.weir.core.TimeSource;
import dev.weir.records.AuditEntry;
import dev.weir.records.Change;
import dev.weir.records.RecordConflictException;
import dev.weir.records.RecordKey;
import dev.weir.records.RecordStore;
import dev.weir.records.StoredRecord;
import dev.weir.server.identity.ChangeRefused.Why;
import dev.weir.server.wire.Causes;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Changes users and keys in the records. Safe for use by any thread. Stages complete when a change
 * is durable, and fail with a {@link ChangeRefused} or with the record store's exceptions.
 */
final class IdentityChanges {

  private static final Duration LONGEST_OVERLAP = Duration.ofDays(90);

  private final RecordStore records;
  private final Directory directory;
  private final KeyMaker maker;
  private final boolean issues;
  private final Supplier<Set<String>> tiers;
  private final TimeSource time;

  /**
   * @param directory knows what there is, and is told of what was changed
   * @param issues whether keys can be made
   * @param tiers the tiers that users may have; none means any
   */
  IdentityChanges(
      RecordStore records,
      Directory directory,
      KeyMaker maker,
      boolean issues,
      Supplier<Set<String>> tiers,
      TimeSource time) {
    this.records = records;
    this.directory = directory;
    this.maker = maker;
    this.issues = issues;
    this.tiers = tiers;
    this.time = time;
  }

  /** Makes a user. */
  CompletionStage<User> create(User user, String author) {
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
  CompletionStage<User> update(
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
  CompletionStage<User> delete(String id, String author) {
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
  CompletionStage<Identities.IssuedKey> issue(Identities.KeyRequest request, String author) {
    return guarded(
        () -> {
          checkIssues();
          User user = known(request.user());
          if (directory.keysOf(user.id()).size() >= Identities.MAX_KEYS) {
            throw new ChangeRefused(
                Why.CONFLICT,
                "keys of " + user.id() + ": " + Identities.MAX_KEYS + " (that is the most)");
          }
          checkRoom(directory.keyCount());
          request.expiresAtMillis().ifPresent(this::checkFuture);
          String text = request.chosen().orElseGet(maker.format()::create);
          if (!maker.format().fits(text)) {
            throw new ChangeRefused(
                Why.INVALID,
                "api_key: not shown (expected: 10..200 letters, digits, _ and -; one that looks as"
                    + " if made here has the right checksum)");
          }
          ApiKey key =
              maker.kept(
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
              Change.create(keyKey(key.id()), key.write()),
              audit,
              new Identities.IssuedKey(text, key));
        });
  }

  /**
   * Makes a key in place of another, which goes on for a while.
   *
   * @param overlap how long the other is still good; 0 to 90 days
   */
  CompletionStage<Identities.IssuedKey> rotate(String id, Duration overlap, String author) {
    return guarded(
        () -> {
          checkIssues();
          if (overlap.isNegative() || overlap.compareTo(LONGEST_OVERLAP) > 0) {
            throw new ChangeRefused(Why.INVALID, "overlap: " + overlap + " (expected: 0..90 days)");
          }
          ApiKey old = changeable(id);
          long now = nowMillis();
          String text = maker.format().create();
          ApiKey next =
              maker.kept(
                  text, old.user(), old.name(), old.scopes(), now, OptionalLong.empty(), false);
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
                    return new Identities.IssuedKey(text, next);
                  });
        });
  }

  /** Refuses a key from now on. */
  CompletionStage<ApiKey> revoke(String id, String author) {
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
    ApiKey key = directory.keyWithId(id).orElseThrow(() -> ChangeRefused.notFound("key", id));
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
    if (count >= Identities.MAX_RECORDS) {
      throw new ChangeRefused(Why.CONFLICT, count + " records (that is the most)");
    }
  }

  private void checkFuture(long millis) {
    if (millis <= nowMillis()) {
      throw new ChangeRefused(Why.INVALID, "expires: in the past (expected: a time to come)");
    }
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
}
