// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Charge;
import dev.weir.core.Kernel;
import dev.weir.core.LimitId;
import dev.weir.core.Store;
import dev.weir.core.StoreException;
import dev.weir.core.TimeSource;
import dev.weir.core.Verdict;
import io.lettuce.core.RedisURI;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * State in Redis or Valkey, shared by all nodes that use the same servers and prefix: one primary,
 * one that sentinels name, or a cluster, which it finds out by itself.
 *
 * <p>Safe for use by any number of threads. A check is one script call on the server's clock;
 * checks that wait at the same time share calls, and equal ones share a charge (R2, R30). A check
 * that gets no answer within the timeout fails with {@link StoreException.Category#TIMEOUT} and is
 * never repeated; while Redis cannot be reached or does not answer, checks fail at once with {@link
 * StoreException.Category#UNAVAILABLE} (R22). A check whose keys lie in several slots of a cluster
 * is charged slot by slot and given back where one denies (R20).
 */
@SuppressWarnings("FutureReturnValueIgnored") // nothing waits for what is done for its effect
public final class RedisStore implements Store {

  private static final Logger LOG = LoggerFactory.getLogger(RedisStore.class);
  private static final int MAX_LIMITS_KNOWN = 100_000;

  private record Wanted(LimitId id, OptionalInt partition, Kernel kernel) {}

  /** The limit that was looked up last: mostly the next one, too. */
  private record Latest(LimitId id, Kernel kernel, WireLimit limit) {}

  private final RedisOptions options;
  private final long timeoutMicros;
  private final Clients clients;
  private final CallMeter meter = new CallMeter();
  private final Lane.Settings settings;
  private final TagRegistry tags;
  private final ConcurrentHashMap<Wanted, WireLimit> limits = new ConcurrentHashMap<>();
  // A race only costs a look-up.
  private @Nullable Latest latest;
  private final Heartbeat heartbeat;
  private final CountDownLatch everConnected = new CountDownLatch(1);
  private volatile Routes routes;
  private volatile boolean closed;

  private RedisStore(RedisOptions options, List<EventLoop> loops, @Nullable TimeSource given) {
    this.options = options;
    this.timeoutMicros = options.timeout().toNanos() / 1_000;
    this.settings =
        new Lane.Settings(
            timeoutMicros, options.maxWaiting(), Lane.Batches.OF_SERVER, given, meter);
    this.clients = new Clients(options, loops);
    this.tags =
        new TagRegistry(options.prefix(), Lane.slackMillis(given != null), () -> this.routes);
    List<RedisURI> uris = options.uris();
    uris.forEach(uri -> uri.setTimeout(Duration.ofMillis(500)));
    PrimaryRoutes primary = new PrimaryRoutes(clients, uris, new Router(), new Watcher(), settings);
    this.routes = primary;
    this.heartbeat = new Heartbeat(clients.loops().getFirst(), () -> this.routes, options.prefix());
    primary.start();
    heartbeat.start();
  }

  /**
   * A store that connects in the background: until that has succeeded, checks fail with {@link
   * StoreException.Category#UNAVAILABLE} (R24).
   */
  public static RedisStore create(RedisOptions options) {
    return create(options, List.of());
  }

  /**
   * The same on event loops that serve other connections already, one connection to each server on
   * each of them; a check of such a loop's thread is answered on it.
   *
   * @param loops of the transport that Lettuce uses, epoll where that is at hand; none for threads
   *     of its own
   */
  public static RedisStore create(RedisOptions options, List<EventLoop> loops) {
    return new RedisStore(requireNonNull(options, "options"), loops, null);
  }

  /** A store that judges by a given clock. */
  static RedisStore create(RedisOptions options, TimeSource time) {
    return new RedisStore(options, List.of(), time);
  }

  /** Waits until the first connection; whether there is one. */
  public boolean awaitConnected(Duration atMost) throws InterruptedException {
    return everConnected.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * How many nodes use this Redis under the same prefix, as counted from their heartbeats within
   * the last seconds; the last count while Redis is away, 1 before the first.
   */
  public int nodes() {
    return heartbeat.nodes();
  }

  /** What it knows of its Redis now. */
  public RedisHealth health() {
    Routes current = routes;
    Optional<String> error = Optional.empty();
    Optional<String> version = Optional.empty();
    TreeSet<String> warnings = new TreeSet<>();
    for (Link link : current.links()) {
      String trouble = link.trouble();
      if (trouble != null) {
        error = Optional.of(trouble);
      }
      ServerInfo server = link.server();
      if (server != null) {
        version = server.version();
        warnings.addAll(server.warnings());
      }
    }
    return new RedisHealth(
        error.isEmpty(),
        everConnected.getCount() == 0 ? Optional.of(current.topology()) : Optional.empty(),
        version,
        error,
        new ArrayList<>(warnings));
  }

  /**
   * What it has counted so far.
   *
   * @since 0.1
   */
  public RedisStatistics statistics() {
    List<Link> links = routes.links();
    int connected = 0;
    for (Link link : links) {
      connected += link.trouble() == null ? 1 : 0;
    }
    return new RedisStatistics(
        links.size(), connected, meter.outages(), meter.roundTripMicros(), meter.checksPerCall());
  }

  @Override
  public CompletionStage<List<Verdict>> apply(List<Charge> charges) {
    int size = charges.size();
    if (size < 1 || size > MAX_CHARGES) {
      throw new IllegalArgumentException(
          "charges: " + size + " (expected: 1.." + MAX_CHARGES + ")");
    }
    Routes current = routes;
    RedisKey[] keys = new RedisKey[size];
    WireLimit[] wanted = new WireLimit[size];
    for (int i = 0; i < size; i++) {
      Charge charge = charges.get(i);
      wanted[i] = limit(charge);
      keys[i] = RedisKey.of(wanted[i].naming, charge.key());
    }
    for (int i = 1; i < size; i++) {
      if (!current.together(keys[0], keys[i])) {
        return new SplitCheck(this::apply, charges, keys, current::together).apply();
      }
    }
    Lane lane = current.lane(keys[0]);
    if (lane == null) {
      return CompletableFuture.failedFuture(
          new StoreException(
              StoreException.Category.UNAVAILABLE, "no node of the cluster has the key's slot"));
    }
    CompletionStage<List<Verdict>> refused = lane.refused();
    if (refused != null && !Check.givesBack(charges)) {
      return refused;
    }
    Check check = new Check(charges, keys, wanted, lane.micros() + timeoutMicros);
    boolean ready = check.ready();
    lane.submit(check);
    if (!ready) {
      register(lane, wanted);
    }
    return check;
  }

  private WireLimit limit(Charge charge) {
    LimitId id = charge.key().limit();
    Latest recent = latest;
    if (recent != null && recent.id == id && recent.kernel == charge.kernel()) {
      return recent.limit;
    }
    WireLimit found = lookUp(charge, id);
    latest = new Latest(id, charge.kernel(), found);
    return found;
  }

  private WireLimit lookUp(Charge charge, LimitId id) {
    Wanted wanted = new Wanted(id, id.partition(), charge.kernel());
    WireLimit known = limits.get(wanted);
    if (known != null) {
      return known;
    }
    if (limits.size() >= MAX_LIMITS_KNOWN) {
      limits.clear();
    }
    return limits.computeIfAbsent(
        wanted,
        w ->
            WireLimit.of(
                w.id,
                w.kernel,
                RedisKey.Naming.of(options.prefix(), w.id),
                Lane.slackMillis(settings.given() != null)));
  }

  /* After the check is in its lane's hands: the lane is told of every tag, or that there is none. */
  private void register(Lane lane, WireLimit[] wanted) {
    for (WireLimit limit : wanted) {
      if (!limit.tagged()) {
        tags.register(limit)
            .whenComplete((done, failure) -> lane.loop().execute(() -> lane.tagged(limit)));
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    heartbeat.close();
    routes
        .close("the store is closed")
        .orTimeout(1, TimeUnit.SECONDS)
        .whenComplete((done, failure) -> clients.close());
  }

  /** Called once: the server that was connected to is part of a cluster. */
  private synchronized void followCluster() {
    if (closed || routes.topology() == RedisHealth.Topology.CLUSTER) {
      return;
    }
    Routes before = routes;
    ClusterRoutes cluster =
        new ClusterRoutes(
            clients,
            options.uris(),
            new Router(),
            new Watcher(),
            settings.with(Lane.Batches.inCluster(options.clusterBatches())),
            this::connectedToCluster);
    routes = cluster;
    before.close("the server is part of a cluster");
    cluster.start();
  }

  private void connectedToCluster() {
    if (routes instanceof ClusterRoutes cluster && cluster.complete()) {
      connected();
    }
  }

  private void connected() {
    everConnected.countDown();
    tags.publishAgain();
    heartbeat.say();
  }

  /** What lanes ask for. */
  private final class Router implements Lane.Router {

    @Override
    public void redirect(Check check, Lane from, String error) {
      routes.redirect(check, from, error);
    }

    @Override
    public void learn(Check check, int[] unknown) {
      List<CompletableFuture<?>> lookUps = new ArrayList<>();
      List<WireLimit> met = Collections.synchronizedList(new ArrayList<>(check.met));
      List<Integer> foreign = Collections.synchronizedList(new ArrayList<>(check.foreign));
      for (int tag : unknown) {
        lookUps.add(
            tags.resolve(tag)
                .thenAccept(
                    found ->
                        found.ifPresentOrElse(
                            limit -> {
                              met.add(limit);
                              for (WireLimit own : check.limits) {
                                own.meets(limit);
                              }
                            },
                            () -> {
                              foreign.add(tag);
                              for (WireLimit own : check.limits) {
                                own.meets(tag);
                              }
                            }))
                .toCompletableFuture());
      }
      CompletableFuture.allOf(lookUps.toArray(CompletableFuture[]::new))
          .whenComplete(
              (done, failure) -> {
                check.met = List.copyOf(met);
                check.foreign = List.copyOf(foreign);
                resubmit(check);
              });
    }

    private void resubmit(Check check) {
      check.away = false;
      Lane lane = routes.lane(check.keys[0]);
      if (lane == null) {
        check.fail(StoreException.Category.UNAVAILABLE, "no node has the key's slot");
      } else {
        lane.submit(check);
      }
    }
  }

  /** Hears of links. */
  private final class Watcher implements Link.Watcher {

    @Override
    public boolean welcome(Link link, ServerInfo server) {
      if (server.cluster() && routes.topology() == RedisHealth.Topology.SINGLE) {
        followCluster();
        return false;
      }
      return !closed;
    }

    @Override
    public void changed(Link link) {
      String trouble = link.trouble();
      if (trouble == null) {
        ServerInfo server = link.server();
        LOG.info("connected to {}", server == null ? "redis" : server.version().orElse("redis"));
        if (server != null) {
          server.warnings().forEach(LOG::warn);
        }
        if (routes.topology() != RedisHealth.Topology.CLUSTER) {
          connected();
        }
      } else if (!closed) {
        meter.lost();
        LOG.warn("{}", trouble);
      }
    }
  }
}
