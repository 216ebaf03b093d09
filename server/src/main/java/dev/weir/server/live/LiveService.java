// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.live;

import dev.weir.core.TimeSource;
import dev.weir.redis.RedisOptions;
import dev.weir.server.admin.Administrators;
import dev.weir.server.admin.LiveStreams;
import dev.weir.server.metrics.TopKeys;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;

/** How this instance and its siblings are doing, for administrators. Safe for use by any thread. */
public final class LiveService implements AutoCloseable {

  private final Sources sources;
  private final TopKeys topKeys;
  private final ScheduledExecutorService clock;
  private final TimeSource time;
  private final Instances instances;

  /**
   * @param clock looks at everything, on its thread
   * @param redis where the other instances are, if there can be any
   */
  public LiveService(
      Sources sources,
      TopKeys topKeys,
      ScheduledExecutorService clock,
      Optional<RedisOptions> redis) {
    this.sources = sources;
    this.topKeys = topKeys;
    this.clock = clock;
    this.time = sources.time();
    Figures brief = new Figures(sources);
    this.instances = new Instances(sources.instance(), brief::brief, clock, redis);
  }

  /** Streams for those who are let in. */
  public LiveStreams streams(Administrators administrators) {
    return new LiveStreams(new Figures(sources), topKeys, administrators::good, clock);
  }

  /** How every instance is. */
  public CompletionStage<JsonObject> instances() {
    return instances.all(Instance.moment(time.micros() / 1_000));
  }

  /** Begins to tell the others of this one. */
  public void start() {
    instances.start();
  }

  @Override
  public void close() {
    instances.close();
  }
}
