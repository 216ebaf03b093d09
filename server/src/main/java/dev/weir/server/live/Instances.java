// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.redis.RedisOptions;
import dev.weir.redis.RedisSession;
import dev.weir.server.wire.Causes;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the instances that share a Redis tell each other of themselves: each a line of a few hundred
 * bytes every {@value #EVERY_MILLIS} ms, over a connection that checks never take. Where the state
 * of limits is in memory there is one instance. Safe for use by any thread.
 */
final class Instances implements AutoCloseable {

  static final int EVERY_MILLIS = 2_000;
  static final int SILENT_MILLIS = 6_000;

  /** Instances that are told of. */
  static final int MAX = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(Instances.class);
  private static final String HASH_TAG = "instances";
  private static final Duration TIMEOUT = Duration.ofSeconds(1);
  private static final Duration LEAVING = Duration.ofMillis(500);

  private final Instance self;
  private final Supplier<JsonObject> brief;
  private final ScheduledExecutorService clock;
  private final Optional<RedisOptions> redis;
  private final List<String> keys;
  private volatile @Nullable RedisSession session;
  private volatile JsonObject latest = new JsonObject();

  /**
   * @param brief makes what is told of this one; asked on the thread of the clock only
   * @param redis where the others are, if there can be any
   */
  Instances(
      Instance self,
      Supplier<JsonObject> brief,
      ScheduledExecutorService clock,
      Optional<RedisOptions> redis) {
    this.self = self;
    this.brief = brief;
    this.clock = clock;
    this.redis = redis;
    String prefix = redis.map(RedisOptions::prefix).orElse("") + "{" + HASH_TAG + "}:";
    this.keys = List.of(prefix + "seen", prefix + "said");
  }

  /** Begins to tell of this one. */
  void start() {
    session =
        redis.map(options -> RedisSession.open(options, HASH_TAG, TIMEOUT, () -> {})).orElse(null);
    var unused = clock.scheduleAtFixedRate(this::tell, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void tell() {
    try {
      latest = brief.get();
      RedisSession open = session;
      if (open != null) {
        var unused = say(open, latest.encode());
      }
    } catch (RuntimeException e) {
      LOG.error("telling of this instance", e);
    }
  }

  private CompletionStage<List<Object>> say(RedisSession open, String what) {
    return open.run(
        Script.TELL,
        keys,
        List.of(bytes(self.id()), bytes(what), bytes(Integer.toString(SILENT_MILLIS))));
  }

  /** All of them with this one, by name; fails never, but says what is wrong. */
  CompletionStage<JsonObject> all(String at) {
    JsonObject own = latest.copy();
    RedisSession open = session;
    if (open == null) {
      return CompletableFuture.completedFuture(shown(at, List.of(own), ""));
    }
    return open.run(
            Script.READ,
            keys,
            List.of(bytes(Integer.toString(SILENT_MILLIS)), bytes(Integer.toString(MAX))))
        .handle(
            (said, error) -> {
              List<JsonObject> all = new ArrayList<>(List.of(own));
              if (said != null) {
                said.stream()
                    .flatMap(each -> Briefs.read((byte[]) each).stream())
                    .filter(each -> !self.id().equals(each.getString("id")))
                    .forEach(all::add);
              }
              return shown(at, all, error == null ? "" : reason(error));
            });
  }

  private static String reason(Throwable error) {
    return String.valueOf(Causes.of(error).getMessage());
  }

  private JsonObject shown(String at, List<JsonObject> all, String error) {
    JsonArray instances = new JsonArray();
    all.stream()
        .filter(each -> each.containsKey("id"))
        .sorted(
            Comparator.comparing((JsonObject each) -> each.getString("name"))
                .thenComparing(each -> each.getString("id")))
        .forEach(each -> instances.add(each.put("self", self.id().equals(each.getString("id")))));
    return new JsonObject()
        .put("at", at)
        .put("shared", redis.isPresent())
        .put("error", error)
        .put("instances", instances);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /** Takes its leave, as far as Redis can be told in half a second. */
  @Override
  public void close() {
    RedisSession open = session;
    if (open == null) {
      return;
    }
    try {
      if (open.trouble().isEmpty()) {
        var unused =
            say(open, "")
                .toCompletableFuture()
                .handle((done, failure) -> true)
                .completeOnTimeout(false, LEAVING.toMillis(), TimeUnit.MILLISECONDS)
                .join();
      }
    } finally {
      open.close();
    }
  }

  /** The scripts, read when they are first needed. */
  private static final class Script {
    private static final byte[] TELL = read("instances_tell.lua");
    private static final byte[] READ = read("instances_read.lua");

    private static byte[] read(String name) {
      try (InputStream file = Instances.class.getResourceAsStream(name)) {
        if (file == null) {
          throw new IllegalStateException("script: " + name + " is missing");
        }
        return file.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
