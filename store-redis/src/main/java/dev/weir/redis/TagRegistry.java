// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import io.lettuce.core.SetArgs;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives every limit with its parameters a tag of four bytes, the same on every node, and remembers
 * in Redis what each tag stands for: so that whoever meets the state of a limit that has since been
 * changed can convert it (R21).
 *
 * <p>A tag is a hash of what it stands for; where two of them collide, the later one takes the
 * next. Safe for use by any number of threads.
 */
@SuppressWarnings("FutureReturnValueIgnored") // nothing waits for what is done for its effect
final class TagRegistry {

  private static final Logger LOG = LoggerFactory.getLogger(TagRegistry.class);
  private static final int MAX_ATTEMPTS = 16;
  private static final long MIN_LIFE_MILLIS = 30L * 86_400_000;

  private final String prefix;
  private final long slackMillis;
  private final Supplier<Routes> routes;
  private final Map<Integer, WireLimit> byTag = new ConcurrentHashMap<>();
  private final Map<WireLimit, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();

  TagRegistry(String prefix, long slackMillis, Supplier<Routes> routes) {
    this.prefix = prefix;
    this.slackMillis = slackMillis;
    this.routes = routes;
  }

  /** Gets a tag for a limit; completes when it has one or got none. */
  CompletionStage<Void> register(WireLimit limit) {
    CompletableFuture<Void> mine = new CompletableFuture<>();
    CompletableFuture<Void> first = underWay.putIfAbsent(limit, mine);
    if (first != null) {
      return first;
    }
    if (limit.tagged()) {
      underWay.remove(limit);
      mine.complete(null);
      return mine;
    }
    attempt(limit, 0)
        .whenComplete(
            (tag, failure) -> {
              if (failure == null) {
                limit.tag(tag);
                byTag.put(tag, limit);
              } else {
                LOG.warn("limit {} cannot be registered in Redis: {}", limit.id, reason(failure));
                routes.get().suspect();
              }
              underWay.remove(limit);
              mine.complete(null);
            });
    return mine;
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return String.valueOf(cause.getMessage());
  }

  private CompletionStage<Integer> attempt(WireLimit limit, int salt) {
    int tag = hash(limit.content(), salt) & 0xFFFFFF00 | WireLimit.FORMAT << 4 | limit.kind;
    RedisAsyncCommands<byte[], byte[]> redis = routes.get().commands(key(tag));
    if (redis == null || salt == MAX_ATTEMPTS) {
      return CompletableFuture.failedFuture(new IllegalStateException("no tag"));
    }
    byte[] content = limit.content().getBytes(StandardCharsets.UTF_8);
    SetArgs once = SetArgs.Builder.nx().px(life(limit));
    return redis
        .set(key(tag), content, once)
        .thenCompose(
            set -> {
              if (set != null) {
                return CompletableFuture.completedFuture(tag);
              }
              return redis.get(key(tag)).thenCompose(found -> settle(limit, tag, salt, found));
            });
  }

  private CompletionStage<Integer> settle(
      WireLimit limit, int tag, int salt, byte @Nullable [] found) {
    if (found == null) {
      return attempt(limit, salt);
    }
    if (!limit.content().equals(new String(found, StandardCharsets.UTF_8))) {
      return attempt(limit, salt + 1);
    }
    RedisAsyncCommands<byte[], byte[]> redis = routes.get().commands(key(tag));
    if (redis != null) {
      redis.pexpire(key(tag), life(limit));
    }
    return CompletableFuture.completedFuture(tag);
  }

  private static long life(WireLimit limit) {
    return Math.max(MIN_LIFE_MILLIS, 2 * limit.lifeMillis());
  }

  /** Finds out what a tag stands for; empty if nobody remembers. */
  CompletionStage<Optional<WireLimit>> resolve(int tag) {
    WireLimit known = byTag.get(tag);
    if (known != null) {
      return CompletableFuture.completedFuture(Optional.of(known));
    }
    RedisAsyncCommands<byte[], byte[]> redis = routes.get().commands(key(tag));
    if (redis == null) {
      return CompletableFuture.failedFuture(new IllegalStateException("no connection"));
    }
    return redis
        .get(key(tag))
        .thenApply(
            found -> {
              if (found == null) {
                return Optional.empty();
              }
              try {
                String content = new String(found, StandardCharsets.UTF_8);
                WireLimit limit = WireLimit.read(content, tag, slackMillis);
                WireLimit before = byTag.putIfAbsent(tag, limit);
                return Optional.of(before == null ? limit : before);
              } catch (IllegalArgumentException | java.time.DateTimeException e) {
                return Optional.empty();
              }
            });
  }

  /** Writes down again what all tags of this process stand for: another server may have lost it. */
  void publishAgain() {
    byTag.forEach(
        (tag, limit) -> {
          RedisAsyncCommands<byte[], byte[]> redis = routes.get().commands(key(tag));
          if (redis != null) {
            byte[] content = limit.content().getBytes(StandardCharsets.UTF_8);
            redis.set(key(tag), content, SetArgs.Builder.nx().px(life(limit)));
          }
        });
  }

  private byte[] key(int tag) {
    return (prefix + "limit:" + String.format(Locale.ROOT, "%08x", tag))
        .getBytes(StandardCharsets.UTF_8);
  }

  private static int hash(String content, int salt) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update((byte) salt);
      byte[] digest = sha256.digest(content.getBytes(StandardCharsets.UTF_8));
      return digest[0] << 24 | (digest[1] & 0xFF) << 16 | (digest[2] & 0xFF) << 8;
    } catch (NoSuchAlgorithmException e) {
      throw new CompletionException(e);
    }
  }
}
