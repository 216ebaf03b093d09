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
import dev.weir.server.metrics.DecisionLines;
import dev.weir.server.metrics.Metrics;
import dev.weir.server.metrics.TopKeys;
import dev.weir.server.wire.DecisionRecorder;
import dev.weir.server.wire.Judge;
import dev.weir.server.wire.SecurityLog;
import dev.weir.server.wire.Timings;
import dev.weir.server.wire.Unguarded;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
  private static final long IDLE_SECONDS = 30;
  private static final int RESETS = 5_000;

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
  private final ExecutorService handshakes;
  private final Map<String, Door> doors;
  private final RespService resp;
  private final FrontEnds frontEnds;
  private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
  private final Map<String, Integer> ports = new ConcurrentHashMap<>();
  private final FollowedFiles files;
  private volatile boolean draining;

  private WeirServer(Configuration configuration, OpenRecords records, ServerLog log) {
    this.configuration = configuration;
    this.log = log;
    this.host = Instance.host(configuration.environment());
    this.loops = new Loops(configuration.limits(), new WallClock(time));
    this.handshakes = handshakes(loopCount(configuration));
    this.doors = doors();
    this.transport = new GuardedTransport(configuration.limits(), places(), this::watch);
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
    Map<String, LiveTls> certificates = new HashMap<>();
    doors.forEach((name, door) -> door.tls().ifPresent(tls -> certificates.put(name, tls)));
    ServerMeters.announce(metrics, certificates);
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
    Figures.Sources sources =
        new Figures.Sources(
            time,
            new Instance(Instance.newId(), this::name, time.micros() / 1_000),
            metrics,
            policies,
            store,
            configuration.store().maxKeys(),
            transport,
            () -> resp,
            loadStates,
            policyVersions,
            identities,
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

  /* A handshake computes for milliseconds, which an event loop must not. */
  private static ExecutorService handshakes(int threads) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            // Bounded by the connections, each of which has one task at a time.
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("weir-tls-", 0).factory());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  private Map<String, Door> doors() {
    Map<Tls, LiveTls> live = new HashMap<>();
    Map<String, Door> doors = new HashMap<>();
    for (Listener listener : configuration.listeners()) {
      Optional<LiveTls> tls =
          listener
              .tls()
              .map(
                  files ->
                      live.computeIfAbsent(
                          files, absent -> new LiveTls(files, handshakes, new WallClock(time))));
      doors.put(
          listener.name(),
          new Door(listener.name(), listener.clients(), listener.access(), tls, security));
    }
    return doors;
  }

  private Map<GuardedTransport.Place, Door> places() {
    Map<GuardedTransport.Place, Door> places = new HashMap<>();
    List<Listener> listeners = configuration.listeners();
    for (int i = 0; i < listeners.size(); i++) {
      Listener listener = listeners.get(i);
      places.put(new GuardedTransport.Place(listener.host(), port(listener, i)), door(listener));
    }
    return places;
  }

  /** What sees the bytes of a connection first. */
  private ChannelHandler watch(Door door, String peer) {
    return resp.connection(door.listener(), peer).orElseGet(() -> new Guard(loops));
  }

  private Door door(Listener listener) {
    return requireNonNull(doors.get(listener.name()), "door");
  }

  /** A negative port is a free one that all loops of this process share. */
  private static int port(Listener listener, int index) {
    return listener.port() == 0 ? -1 - index : listener.port();
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
      RedisStart.await(redis, configuration.policies());
    }
    identities.await();
    identities.configure(configuration.identities());
    awaitControl();
    await(
        vertx.deployVerticle(
            LoopVerticle::new, new DeploymentOptions().setInstances(loopCount(configuration))));
    // A token that was made for a server that cannot listen would be told for nothing.
    administration.ifPresent(AdminService::await);
    vertx.setPeriodic(SWEEP_MILLIS, id -> identities.callers().bans().sweep());
    administration.ifPresent(AdminService::start);
    tellWhere();
    warnIfOpen();
    follow();
  }

  private void tellWhere() {
    for (Listener listener : configuration.listeners()) {
      String served =
          listener.serves().stream().map(Surface::word).sorted().collect(Collectors.joining(", "));
      LOG.info("{} on {}: {}", listener.name(), url(listener), served);
    }
    if (configuration.file().isEmpty() && configuration.policyFiles().isEmpty()) {
      LOG.info(
          "no configuration: try  curl -i {}/hello", url(configuration.listeners().getFirst()));
    }
  }

  private String url(Listener listener) {
    String host = listener.host();
    boolean anywhere = host.equals("0.0.0.0") || host.equals("::");
    String name = anywhere ? "localhost" : host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    String scheme = listener.resp() ? "redis" : "http";
    String secure = listener.tls().isPresent() ? "s://" : "://";
    return scheme + secure + name + ":" + ports.get(listener.name());
  }

  /** Whoever has decisions made may spend and refund anybody's permits. */
  private void warnIfOpen() {
    for (Listener listener : configuration.listeners()) {
      if (listener.decides() && listener.tokens().open() && !isLoopback(listener.host())) {
        LOG.warn(
            "listener {} serves decisions on {} to everybody who reaches it",
            listener.name(),
            listener.host());
      }
    }
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.equals("::1") || host.startsWith("127.");
  }

  /** Takes changes of the files that the configuration names. */
  private void follow() {
    files.follow();
    liveTls().forEach(LiveTls::follow);
  }

  private Stream<LiveTls> liveTls() {
    return doors.values().stream().flatMap(door -> door.tls().stream()).distinct();
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

  /** The listeners of one event loop. */
  private final class LoopVerticle extends VerticleBase {
    @Override
    public Future<?> start() {
      List<Future<?>> listening = new ArrayList<>();
      List<Listener> listeners = configuration.listeners();
      for (int i = 0; i < listeners.size(); i++) {
        listening.add(listen(vertx, listeners.get(i), i));
      }
      return Future.all(listening);
    }
  }

  private Future<?> listen(Vertx vertx, Listener listener, int index) {
    if (listener.resp()) {
      return resp.listen(vertx, listener, port(listener, index))
          .onSuccess(port -> ports.put(listener.name(), port));
    }
    HttpServer server = vertx.createHttpServer(options(listener, port(listener, index)));
    ListenerHandler handler = frontEnds.of(listener, door(listener));
    server.requestHandler(request -> handler.handle(request, Unguarded.INSTANCE));
    server.invalidRequestHandler(ListenerHandler::invalid);
    server.exceptionHandler(error -> LOG.debug("connection", error));
    server.connectionHandler(connection -> attach(connection, handler));
    servers.add(server);
    return server.listen().onSuccess(bound -> ports.put(listener.name(), bound.actualPort()));
  }

  private static void attach(HttpConnection connection, ListenerHandler handler) {
    if (connection instanceof HttpServerConnection served) {
      ChannelPipeline pipeline = served.channelHandlerContext().pipeline();
      Guard guard = pipeline.get(Guard.class);
      if (guard != null) {
        boolean multiplexed =
            !(connection instanceof io.vertx.core.http.impl.Http1xServerConnection);
        if (multiplexed && pipeline.get(LateFlushes.class) == null) {
          pipeline.addAfter(pipeline.context(guard).name(), "flushes", new LateFlushes());
        }
        served.handler(guard.attach(handler, multiplexed));
      }
    }
  }

  private HttpServerOptions options(Listener listener, int port) {
    HttpLimits limits = configuration.limits();
    HttpServerOptions options = new HttpServerOptions();
    options.setHost(listener.host()).setPort(port);
    options.setTcpNoDelay(true).setReuseAddress(true).setAcceptBacklog(4_096);
    options.setIdleTimeout(0);
    options.setMaxInitialLineLength(limits.maxRequestLineBytes());
    options.setMaxHeaderSize(limits.maxHeaderBytes());
    options.setCompressionSupported(false);
    if (listener.serves().contains(Surface.RLS)) {
      // A proxy resets each call that it no longer waits for: hundreds when this process pauses.
      options.setHttp2RstFloodMaxRstFramePerWindow(RESETS).setHttp2RstFloodWindowDuration(10);
    }
    return options;
  }

  /** What is known of Redis, if it keeps the state. */
  Optional<RedisHealth> redisHealth() {
    return store instanceof RedisStore redis ? Optional.of(redis.health()) : Optional.empty();
  }

  /** The port of each listener by its name, in the order of the configuration. */
  public Map<String, Integer> ports() {
    Map<String, Integer> inOrder = new LinkedHashMap<>();
    for (Listener listener : configuration.listeners()) {
      Integer port = ports.get(listener.name());
      if (port != null) {
        inOrder.put(listener.name(), port);
      }
    }
    return inOrder;
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
    return Optional.ofNullable(doors.get(listener)).flatMap(Door::tls);
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
    liveTls().forEach(LiveTls::close);
    loops.drain();
    transport.stopAccepting();
    administration.ifPresent(AdminService::drain);
    end(Future.join(loops.settled(), resp.drain(configuration.drain())), configuration.drain());
    List<Future<?>> closing = new ArrayList<>();
    for (HttpServer server : servers) {
      closing.add(server.shutdown(configuration.drain().toMillis(), TimeUnit.MILLISECONDS));
    }
    servers.clear();
    closing.add(resp.shutdown(configuration.drain()));
    end(Future.join(closing).transform(drained -> frontEnds.close()), configuration.drain());
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
    handshakes.shutdownNow();
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
