// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import dev.weir.core.StoreException.Category;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A cluster: lanes to each primary, and a table of who has which slot.
 *
 * <p>Lettuce finds out the topology; a redirection corrects the table at once and has the topology
 * read again, and so does a primary that goes away. Checks under way to another node keep their
 * deadline.
 */
@SuppressWarnings("FutureReturnValueIgnored") // nothing waits for what is done for its effect
final class ClusterRoutes implements Routes {

  private static final long REFRESH_MILLIS = 5_000;
  private static final long REFRESH_TROUBLED_MILLIS = 100;
  private static final long RETRY_MICROS = 1_000;

  private final Clients clients;
  private final RedisURI seed;
  private final Lane.Router router;
  private final Lane.Settings settings;
  private final Runnable connected;
  private final Link.Watcher watcher;
  private final RedisClusterClient client;
  private final ConcurrentHashMap<String, Node> nodes = new ConcurrentHashMap<>();
  private final AtomicReferenceArray<@Nullable Node> bySlot =
      new AtomicReferenceArray<>(SlotHash.SLOT_COUNT);
  private final AtomicBoolean refreshing = new AtomicBoolean();
  private volatile boolean closed;

  /** One primary: a lane and a link for each event loop. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never written
  private record Node(String host, Lane[] lanes, List<Link> links) {}

  /**
   * Routes that know nothing yet.
   *
   * @param connected called when every slot's primary has been reached, and again after trouble
   */
  ClusterRoutes(
      Clients clients,
      List<RedisURI> seeds,
      Lane.Router router,
      Link.Watcher watcher,
      Lane.Settings settings,
      Runnable connected) {
    this.clients = clients;
    this.seed = seeds.getFirst();
    this.router = router;
    this.watcher = watcher;
    this.settings = settings;
    this.connected = connected;
    this.client = clients.cluster(seeds);
  }

  void start() {
    refresh();
  }

  private void refresh() {
    if (closed || !refreshing.compareAndSet(false, true)) {
      return;
    }
    client
        .refreshPartitionsAsync()
        .whenComplete(
            (done, failure) -> {
              refreshing.set(false);
              if (!closed) {
                rebuild();
                refreshIn(troubled() ? REFRESH_TROUBLED_MILLIS : REFRESH_MILLIS);
              }
            });
  }

  private void refreshIn(long millis) {
    clients.loops().getFirst().schedule(this::refresh, millis, TimeUnit.MILLISECONDS);
  }

  private boolean troubled() {
    for (Link link : links()) {
      if (link.trouble() != null) {
        return true;
      }
    }
    return nodes.isEmpty();
  }

  /* Serialized by the flag of refresh, but for redirections, which the next refresh confirms. */
  private void rebuild() {
    Set<String> used = new HashSet<>();
    for (RedisClusterNode each : client.getPartitions()) {
      if (each.getRole().isUpstream() && !each.getSlots().isEmpty()) {
        Node node = node(each.getUri().getHost(), each.getUri().getPort());
        used.add(name(each.getUri().getHost(), each.getUri().getPort()));
        each.getSlots().forEach(slot -> bySlot.set(slot, node));
      }
    }
    if (!used.isEmpty()) {
      nodes.forEach((name, node) -> retire(used, name, node));
    }
  }

  private void retire(Set<String> used, String name, Node node) {
    if (!used.contains(name) && nodes.remove(name, node)) {
      Routes.close(node.links, "the node has no slots any more");
    }
  }

  private static String name(String host, int port) {
    return host + ":" + port;
  }

  private Node node(String host, int port) {
    return nodes.computeIfAbsent(name(host, port), name -> open(host, port));
  }

  private Node open(String host, int port) {
    RedisURI uri = RedisURI.builder(seed).withHost(host).withPort(port).build();
    List<EventLoop> loops = clients.loops();
    Lane[] lanes = new Lane[loops.size()];
    List<Link> links = new ArrayList<>();
    for (int i = 0; i < lanes.length; i++) {
      int loop = i;
      lanes[i] = new Lane(loops.get(i), router, settings);
      links.add(
          new Link(
              lanes[i],
              () -> clients.connect(loop, uri),
              new NodeWatcher(),
              settings.timeoutMicros()));
    }
    links.forEach(link -> link.lane().loop().execute(link::connect));
    return new Node(host, lanes, links);
  }

  private final class NodeWatcher implements Link.Watcher {
    @Override
    public boolean welcome(Link link, ServerInfo server) {
      return !closed;
    }

    @Override
    public void changed(Link link) {
      watcher.changed(link);
      if (link.trouble() == null) {
        connected.run();
      } else {
        refresh();
      }
    }
  }

  @Override
  public @Nullable Lane lane(RedisKey key) {
    Node node = bySlot.get(key.slot());
    return node == null ? null : Lanes.pick(node.lanes, key);
  }

  @Override
  public boolean together(RedisKey one, RedisKey other) {
    return one.slot() == other.slot();
  }

  /* MOVED slot host:port, for good; ASK slot host:port, for this once. */
  @Override
  public void redirect(Check check, Lane from, String error) {
    String[] words = error.split(" ", -1);
    int colon = words.length < 3 ? -1 : words[2].lastIndexOf(':');
    if (colon < 0) {
      check.fail(Category.UNAVAILABLE, error);
      return;
    }
    String host = colon == 0 ? hostOf(from) : words[2].substring(0, colon);
    Node node = node(host, Integer.parseInt(words[2].substring(colon + 1)));
    check.asking = words[0].equals("ASK");
    if (!check.asking) {
      bySlot.set(check.keys[0].slot(), node);
      refresh();
    }
    forward(check, node);
  }

  private String hostOf(Lane lane) {
    for (Node node : nodes.values()) {
      if (List.of(node.lanes).contains(lane)) {
        return node.host;
      }
    }
    return seed.getHost();
  }

  /* A node that was not known before needs some time to be connected to. */
  private void forward(Check check, Node node) {
    Lane lane = Lanes.pick(node.lanes, check.keys[0]);
    if (lane.micros() >= check.dueMicros) {
      check.fail(Category.TIMEOUT, "not executed before its deadline");
    } else if (lane.refused() != null) {
      lane.loop().schedule(() -> forward(check, node), RETRY_MICROS, TimeUnit.MICROSECONDS);
    } else {
      lane.submit(check);
    }
  }

  @Override
  public List<Link> links() {
    List<Link> links = new ArrayList<>();
    nodes.values().forEach(node -> links.addAll(node.links));
    return links;
  }

  /** Whether every slot has a primary that can be asked. */
  boolean complete() {
    for (int slot = 0; slot < SlotHash.SLOT_COUNT; slot++) {
      Node node = bySlot.get(slot);
      if (node == null || node.lanes[0].refused() != null) {
        return false;
      }
    }
    return true;
  }

  @Override
  public @Nullable RedisAsyncCommands<byte[], byte[]> commands(byte[] key) {
    Node node = bySlot.get(SlotHash.getSlot(key));
    return node == null ? null : node.links.getFirst().commands();
  }

  @Override
  public void suspect() {
    refresh();
  }

  @Override
  public RedisHealth.Topology topology() {
    return RedisHealth.Topology.CLUSTER;
  }

  @Override
  public CompletableFuture<Void> close(String reason) {
    closed = true;
    return CompletableFuture.allOf(
        Routes.close(links(), reason), client.shutdownAsync(0, 1, TimeUnit.SECONDS));
  }
}
