// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.Objects.requireNonNull;

import dev.weir.core.DecisionListener;
import dev.weir.core.MemoryStore;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.Store;
import dev.weir.core.TimeSource;
import dev.weir.policy.PolicyCatalog;
import dev.weir.records.RecordStore;
import dev.weir.redis.RedisHealth;
import dev.weir.redis.RedisOptions;
import dev.weir.redis.RedisStore;
import dev.weir.server.admin.AdminSettings;
import dev.weir.server.control.LoadStates;
import dev.weir.server.control.PolicyVersions;
import dev.weir.server.identity.Callers;
import dev.weir.server.live.Instance;
import dev.weir.server.live.LiveService;
import dev.weir.server.live.Sources;
import dev.weir.server.metrics.DecisionLines;
import dev.weir.server.metrics.Metrics;
import dev.weir.server.metrics.TopKeys;
import dev.weir.server.wire.DecisionRecorder;
import dev.weir.server.wire.Judge;
import dev.weir.server.wire.SecurityLog;
import dev.weir.server.wire.Timings;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running server: its listeners, its store and the policies in force. */
public final class WeirServer implements AutoCloseable {

  static {
    // Read when the classes of Vert.x load: neither is used, and both cost every request.
    System.setProperty("vertx.disableWebsockets", "true");
    System.setProperty("vertx.disableMetrics", "true");
    // Read when the platform's TLS loads: a handshake is paid for once a connection.
    System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
  }

  private static final Logger LOG = LoggerFactory.getLogger(WeirServer.class);
  private static final long START_SECONDS = 30;
  private static final long CONTROL_SECONDS = 2;
  private static final long SWEEP_MILLIS = 60_000;

  private final Configuration configuration;
  private final ServerLog log;
  private final String host;
  private final Loops loops;
  private final GuardedTransport transport;
  private final Vertx vertx;
  private final Store store;
  private final PoliciesInForce policies;
  private final LoadStates loadStates;
  private final PolicyVersions policyVersions;
  private final ScheduledExecutorService alarms =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("weir-alarm").factory());
  private final IdentityService identities;
  private final Optional<AdminService> administration;
  private final TimeSource time = TimeSource.system();
  private final Metrics metrics = new Metrics();
  private final TopKeys topKeys;
  private final Judge judge;
  private final SecurityLog security = new SecurityLog(time, metrics.security());
  private final Doors doors;
  private final RespService resp;
  private final FrontEnds frontEnds;
  private final BoundListeners listeners;
  private final FollowedFiles files;
  private volatile boolean draining;

  private WeirServer(Configuration configuration, OpenRecords records, ServerLog log) {
    this.configuration = configuration;
    this.log = log;
    this.host = Instance.host(configuration.environment());
    this.loops = new Loops(configuration.limits(), new WallClock(time));
    this.doors =
        new Doors(
            configuration.listeners(), loopCount(configuration), new WallClock(time), security);
    this.transport = new GuardedTransport(configuration.limits(), doors.places(), this::watch);
    this.vertx = vertx(configuration, transport);
    this.store = store(configuration, time, vertx);
    boolean metered = serves(configuration, Surface.METRICS) || configuration.administered();
    this.topKeys = new TopKeys(time, loopCount(configuration), () -> limiter().policies());
    RateLimiter.Builder builder =
        RateLimiter.builder()
            .store(store)
            .policies(configuration.policies())
            .listener(
                Heard.by(
                    metered ? metrics.decisions() : DecisionListener.none(),
                    configuration.administered() ? topKeys : DecisionListener.none()));
    countNodes(builder);
    this.policies =
        new PoliciesInForce(
            builder.build(),
            configuration.catalog(),
            set -> ConfigurationReader.checkShares(set, configuration.store()));
    this.identities =
        new IdentityService(
            records,
            configuration.identities().invalidKeys(),
            countNodes(RateLimiter.builder().store(store)),
            () -> policies.catalog().tiers().keySet(),
            time);
    this.files =
        new FollowedFiles(
            configuration,
            this::replace,
            identities.callers().identities()::configure,
            this::administered);
    this.loadStates = new LoadStates(identities.records(), policies, time, this::alarm);
    this.policyVersions =
        new PolicyVersions(identities.records(), policies, time, loadStates::settle);
    this.administration =
        configuration.administered() ? Optional.of(administration()) : Optional.empty();
    ServerMeters.announce(metrics, policies.get(), store, transport);
    ServerMeters.announce(metrics, identities);
    ServerMeters.announce(metrics, doors.certificates());
    ServerMeters.announce(metrics, loadStates, policyVersions);
    metrics.counter(
        "weir.log.lines.dropped",
        "Lines of the log that were left out because nobody took them from standard error",
        Map.of(),
        log::dropped);
    this.judge =
        new Judge(
            policies,
            time,
            metered ? metrics.durations() : Timings.NONE,
            recorder(configuration.log().decisions()));
    this.resp =
        new RespService(
            configuration,
            judge,
            countNodes(RateLimiter.builder().store(store)),
            security,
            metrics);
    this.frontEnds =
        new FrontEnds(
            configuration,
            judge,
            identities.callers(),
            administration,
            security,
            metrics,
            vertx,
            this);
    this.listeners = new BoundListeners(configuration, doors, frontEnds, resp);
  }

  /**
   * Starts a server and returns when it listens.
   *
   * @throws IllegalStateException if a port cannot be bound
   * @throws dev.weir.records.RecordStoreException if the folder of records cannot be used
   */
  public static WeirServer start(Configuration configuration) {
    ServerLog log = ServerLog.open(requireNonNull(configuration, "configuration").log());
    try {
      return start(configuration, log);
    } catch (RuntimeException e) {
      log.close();
      throw e;
    }
  }

  private static WeirServer start(Configuration configuration, ServerLog log) {
    OpenRecords records = OpenRecords.open(configuration);
    WeirServer server = new WeirServer(configuration, records, log);
    try {
      server.listen();
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /* Redis is asked on the loops that serve: a check is answered where it was read. */
  private static Store store(Configuration configuration, TimeSource time, Vertx vertx) {
    Optional<RedisOptions> redis = configuration.store().redis();
    if (redis.isEmpty()) {
      return MemoryStore.create(time, configuration.store().maxKeys());
    }
    List<EventLoop> shared = new ArrayList<>();
    ((VertxInternal) vertx)
        .nettyEventLoopGroup()
        .forEach(executor -> shared.add((EventLoop) executor));
    return RedisStore.create(redis.get(), shared);
  }

  /* A token that was just made goes to whoever started the process, and into no log. */
  private AdminService administration() {
    LiveService live = live();
    return new AdminService(
        configuration,
        identities,
        countNodes(RateLimiter.builder().store(store)),
        new AdminService.Decisions(policies, loadStates, policyVersions, topKeys),
        new RunningServer(this, configuration, live),
        live,
        security,
        System.err::print,
        time,
        vertx);
  }

  private LiveService live() {
    Sources sources =
        new Sources(
            time,
            new Instance(
                Instance.newId(), this::name, ServerMeters.version(), time.micros() / 1_000),
            metrics,
            policies,
            store,
            configuration.store().maxKeys(),
            new Sources.Traffic(transport::connections, transport::refused),
            new Sources.Traffic(() -> resp.connections(), () -> resp.commands()),
            loadStates,
            policyVersions,
            identities.callers(),
            identities.records(),
            this::draining);
    return new LiveService(sources, topKeys, alarms, configuration.store().redis());
  }

  /** What people call this instance: its machine and the first of its ports, unless they said. */
  private String name() {
    return configuration
        .administration()
        .instance()
        .orElseGet(() -> host + ports().values().stream().findFirst().map(p -> ":" + p).orElse(""));
  }

  private RateLimiter.Builder countNodes(RateLimiter.Builder builder) {
    return configuration.store().nodes().isEmpty() && store instanceof RedisStore redis
        ? builder.nodes(redis::nodes)
        : builder.nodes(configuration.store().nodes().orElse(1));
  }

  private static Vertx vertx(Configuration configuration, GuardedTransport transport) {
    VertxOptions options = new VertxOptions();
    options.setEventLoopPoolSize(loopCount(configuration));
    options.setWorkerPoolSize(2).setInternalBlockingPoolSize(2);
    options.setPreferNativeTransport(false);
    options.setFileSystemOptions(
        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false));
    options.setBlockedThreadCheckInterval(60_000);
    return Vertx.builder().with(options).withTransport(transport).build();
  }

  /** What sees the bytes of a connection first. */
  private ChannelHandler watch(Door door, String peer) {
    return resp.connection(door.listener(), peer).orElseGet(() -> new Guard(loops));
  }

  private DecisionRecorder recorder(DecisionLines.Settings settings) {
    if (settings.which() == DecisionLines.Which.NONE) {
      return DecisionRecorder.NONE;
    }
    DecisionLines lines = new DecisionLines(settings, time, () -> limiter().policies());
    metrics.counter(
        "weir.log.decisions.omitted",
        "Decisions that had no line in the log because there were too many in a second",
        Map.of(),
        lines::leftOut);
    return lines;
  }

  private static boolean serves(Configuration configuration, Surface surface) {
    return configuration.listeners().stream()
        .anyMatch(listener -> listener.serves().contains(surface));
  }

  private static int loopCount(Configuration configuration) {
    int configured = configuration.eventLoops();
    return configured > 0 ? configured : Runtime.getRuntime().availableProcessors();
  }

  private void listen() {
    if (store instanceof RedisStore redis) {
      String address = configuration.store().redis().map(RedisOptions::address).orElse("unknown");
      RedisStart.await(redis, address, configuration.policies());
    }
    identities.await();
    identities.configure(configuration.identities());
    awaitControl();
    await(
        vertx.deployVerticle(
            listeners::verticle, new DeploymentOptions().setInstances(loopCount(configuration))));
    // A token that was made for a server that cannot listen would be told for nothing.
    administration.ifPresent(AdminService::await);
    vertx.setPeriodic(SWEEP_MILLIS, id -> identities.callers().bans().sweep());
    administration.ifPresent(AdminService::start);
    new StartLines(configuration, ports()).tell();
    files.follow();
    doors.follow();
  }

  private static void await(Future<?> future) {
    try {
      var unused =
          future.toCompletionStage().toCompletableFuture().get(START_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(String.valueOf(e.getMessage()), e);
    } catch (TimeoutException e) {
      throw new IllegalStateException("not started within " + START_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** What is known of Redis, if it keeps the state. */
  Optional<RedisHealth> redisHealth() {
    return store instanceof RedisStore redis ? Optional.of(redis.health()) : Optional.empty();
  }

  /** The port of each listener by its name, in the order of the configuration. */
  public Map<String, Integer> ports() {
    return listeners.ports();
  }

  /** Keys that the in-memory store holds. */
  long storedKeys() {
    return store instanceof MemoryStore memory ? memory.keys() : 0;
  }

  /** Where users, keys and bans are. */
  RecordStore records() {
    return identities.records();
  }

  /** Who calls. */
  Callers callers() {
    return identities.callers();
  }

  /** What can be asked of its administration. */
  List<String> adminOperations() {
    return administration.map(AdminService::operations).orElse(List.of());
  }

  /** Whether it is about to end. */
  boolean draining() {
    return draining;
  }

  /** What a listener speaks TLS with, if it does. */
  Optional<LiveTls> tls(String listener) {
    return doors.tls(listener);
  }

  /** Takes what the files say now; blocks. */
  void reload() {
    files.reload();
  }

  /** The keys that come most often, where the administration is served. */
  TopKeys topKeys() {
    return topKeys;
  }

  /** The limiter in force. */
  RateLimiter limiter() {
    return policies.get();
  }

  /** The load state of the system. */
  LoadStates loadStates() {
    return loadStates;
  }

  /** The policies that were put before those of the files. */
  PolicyVersions policyVersions() {
    return policyVersions;
  }

  /** Takes other policies as those of the files, at once and for every listener (R21). */
  void replace(PolicySet others) {
    replace(PolicyCatalog.of(others));
  }

  private void administered(AdminSettings settings) {
    administration.ifPresent(service -> service.configure(settings));
  }

  /** The same; tells whether they are in force. */
  private boolean replace(PolicyCatalog catalog) {
    policies.files(catalog);
    // Other states may be known now.
    loadStates.settle();
    return policies.catalog() == catalog;
  }

  /* A start in normal times, by the files, and corrected a moment later would be a gap in both. */
  private void awaitControl() {
    try {
      CompletableFuture.allOf(
              loadStates.loaded().toCompletableFuture(),
              policyVersions.loaded().toCompletableFuture())
          .get(CONTROL_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("starting without the records of the load state and of policies");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void alarm(long millis, Runnable action) {
    try {
      var unused = alarms.schedule(action, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("the server ends", e);
    }
  }

  /**
   * Stops accepting, answers what is in flight within the configured time, and ends. May be called
   * more than once.
   */
  @Override
  public void close() {
    draining = true;
    files.close();
    doors.unfollow();
    loops.drain();
    transport.stopAccepting();
    administration.ifPresent(AdminService::drain);
    end(Future.join(loops.settled(), resp.drain(configuration.drain())), configuration.drain());
    end(
        listeners.shutdown(configuration.drain()).transform(drained -> frontEnds.close()),
        configuration.drain());
    // While their event loops still run.
    limiter().close();
    administration.ifPresent(AdminService::close);
    resp.close();
    loadStates.close();
    policyVersions.close();
    alarms.shutdownNow();
    identities.close();
    store.close();
    end(vertx.close(), Duration.ZERO);
    log.close();
    doors.close();
  }

  private static void end(Future<?> ending, Duration drain) {
    try {
      var unused =
          ending
              .toCompletionStage()
              .toCompletableFuture()
              .get(drain.toMillis() + 5_000, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("not everything ended in time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
