// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.identity;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Network;
import dev.weir.core.NetworkMap;
import dev.weir.core.TimeSource;
import dev.weir.records.AuditEntry;
import dev.weir.records.Batch;
import dev.weir.records.Change;
import dev.weir.records.RecordKey;
import dev.weir.records.RecordStore;
import dev.weir.records.StoredRecord;
import dev.weir.records.Subscription;
import dev.weir.server.identity.ChangeRefused.Why;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses and networks that are banned, on every instance. Looked up in memory, by any
 * thread; changed in the records.
 */
public final class Bans implements AutoCloseable {

  /** Most bans; beyond it none is made by invalid keys. */
  public static final int MAX_BANS = 100_000;

  /** Most banned networks that are neither an address nor an IPv6 /64. */
  private static final int MAX_NETWORKS = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(Bans.class);

  /** Expired bans that one sweep removes at most. */
  private static final int SWEPT = 1_000;

  /** The widest network that may be banned: one more mistake and everybody is. */
  private static final int SHORTEST = 8;

  private static final int IPV4_BITS = 32;
  private static final int IPV6_BITS = 128;

  /** What one customer of an IPv6 network has at least. */
  private static final int SITE_BITS = 64;

  /** A ban, its network and the version of its record. */
  private record Held(Ban ban, Network network, long version) {}

  private final RecordStore records;
  private final TimeSource time;
  private final Subscription subscription;

  /** Of addresses and IPv6 /64s: there may be many, and they come and go. */
  private final Map<Network, Held> sites = new ConcurrentHashMap<>();

  /** Of other networks: few. Replaced under the lock of this object. */
  private volatile NetworkMap<Held> networks = NetworkMap.none();

  /** Follows the records. */
  public Bans(RecordStore records, TimeSource time) {
    this.records = requireNonNull(records, "records");
    this.time = requireNonNull(time, "time");
    this.subscription = records.watch(this::follow);
  }

  private void follow(Batch batch) {
    if (batch.whole()) {
      // What only this instance knows stays.
      sites.values().removeIf(held -> held.version > 0);
      change(all -> all.values().removeIf(held -> held.version > 0));
    }
    batch.present().forEach(this::take);
    for (RecordKey gone : batch.gone()) {
      if (gone.kind().equals(Ban.KIND)) {
        drop(Network.of(gone.id()));
      }
    }
  }

  private void drop(Network network) {
    sites.remove(network);
    if (networks.toMap().containsKey(network)) {
      change(all -> all.remove(network));
    }
  }

  private synchronized void change(Consumer<Map<Network, Held>> change) {
    Map<Network, Held> all = new HashMap<>(networks.toMap());
    change.accept(all);
    networks = NetworkMap.of(all);
  }

  private void take(StoredRecord stored) {
    if (!stored.key().kind().equals(Ban.KIND)) {
      return;
    }
    try {
      Ban ban = Ban.read(stored.key().id(), stored.value());
      hold(new Held(ban, Network.of(ban.network()), stored.version()));
    } catch (RuntimeException e) {
      LOG.error("record {} cannot be read and is passed over: {}", stored.key(), e.getMessage());
    }
  }

  private void hold(Held held) {
    if (isSite(held.network)) {
      sites.merge(held.network, held, Bans::newer);
    } else {
      change(all -> all.merge(held.network, held, Bans::newer));
    }
  }

  private static Held newer(Held known, Held told) {
    return told.version >= known.version ? told : known;
  }

  /** Whether it is one address or one IPv6 /64. */
  private static boolean isSite(Network network) {
    return network.equals(around(network, IPV4_BITS, IPV6_BITS))
        || network.equals(around(network, IPV4_BITS, SITE_BITS));
  }

  private static Network around(Network network, int ipv4Bits, int ipv6Bits) {
    String text = network.toString();
    return Network.around(text.substring(0, text.indexOf('/')), ipv4Bits, ipv6Bits);
  }

  /** What an invalid key of this address counts for: the address, or its IPv6 /64. */
  static Optional<Network> site(String address) {
    try {
      return Optional.of(Network.around(address, IPV4_BITS, SITE_BITS));
    } catch (IllegalArgumentException e) {
      // A client of a Unix socket, say.
      return Optional.empty();
    }
  }

  /** The ban of an address, if there is one; never blocks. */
  public Optional<Ban> of(String address) {
    return count() == 0 ? Optional.empty() : find(address);
  }

  private Optional<Ban> find(String address) {
    Optional<Network> site = site(address);
    if (site.isEmpty()) {
      return Optional.empty();
    }
    long now = nowMillis();
    Held held = sites.get(site.get());
    if (held == null && address.indexOf(':') >= 0) {
      held = sites.get(Network.around(address, IPV4_BITS, IPV6_BITS));
    }
    if (held != null && held.ban.inForce(now)) {
      return Optional.of(held.ban);
    }
    return networks.find(address).map(Held::ban).filter(ban -> ban.inForce(now));
  }

  /** Those in force, in the order of their networks; a copy. */
  public Collection<Ban> all() {
    long now = nowMillis();
    Map<String, Ban> all = new TreeMap<>();
    sites.values().forEach(held -> all.put(held.ban.network(), held.ban));
    networks.toMap().values().forEach(held -> all.put(held.ban.network(), held.ban));
    all.values().removeIf(ban -> !ban.inForce(now));
    return all.values();
  }

  /** How many there are; some of them may be over. */
  public int count() {
    return sites.size() + networks.toMap().size();
  }

  /**
   * Bans a network, or changes its ban.
   *
   * @param network an address or a network
   * @param duration how long; empty for good
   */
  public CompletionStage<Ban> ban(
      String network, Optional<Duration> duration, String reason, String author) {
    try {
      Network banned = banned(network);
      Ban ban = create(banned, duration, reason, author);
      Map<Network, Held> wide = networks.toMap();
      if (!isSite(banned) && wide.size() >= MAX_NETWORKS && !wide.containsKey(banned)) {
        throw new IllegalArgumentException("networks: " + MAX_NETWORKS + " (that is the most)");
      }
      return put(ban, Optional.of(author));
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(
          new ChangeRefused(Why.INVALID, String.valueOf(e.getMessage())));
    }
  }

  /** Bans by the server's own account, at once on this instance and without an audit entry. */
  Ban banNow(Network network, Duration duration, String reason) {
    Ban ban = create(network, Optional.of(duration), reason, Ban.AUTOMATIC);
    if (count() >= MAX_BANS) {
      LOG.error("{} bans: {} is not banned", MAX_BANS, network);
      return ban;
    }
    hold(new Held(ban, network, 0));
    var unused =
        put(ban, Optional.empty())
            .exceptionally(
                error -> {
                  LOG.debug("the ban of {} stays here alone: {}", network, error.toString());
                  return ban;
                });
    return ban;
  }

  private Ban create(Network network, Optional<Duration> duration, String reason, String author) {
    long now = nowMillis();
    OptionalLong until =
        duration.isPresent()
            ? OptionalLong.of(Math.addExact(now, duration.get().toMillis()))
            : OptionalLong.empty();
    return new Ban(name(network), reason, author, now, until);
  }

  private CompletionStage<Ban> put(Ban ban, Optional<String> author) {
    RecordKey key = new RecordKey(Ban.KIND, ban.network());
    return records
        .get(key)
        .thenCompose(
            found -> {
              Change change =
                  found
                      .map(stored -> Change.replace(stored, ban.write()))
                      .orElseGet(() -> Change.create(key, ban.write()));
              String before = found.map(StoredRecord::value).orElse("");
              return records.change(
                  List.of(change),
                  author.map(
                      name ->
                          new AuditEntry(name, "ban.create", ban.network(), before, ban.write())));
            })
        .thenApply(
            written -> {
              written.forEach(this::take);
              return ban;
            });
  }

  /** Ends a ban. */
  public CompletionStage<Ban> lift(String network, String author) {
    RecordKey key;
    try {
      key = new RecordKey(Ban.KIND, name(banned(network)));
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(
          new ChangeRefused(Why.INVALID, String.valueOf(e.getMessage())));
    }
    return records
        .get(key)
        .thenCompose(
            found -> {
              StoredRecord stored =
                  found.orElseThrow(() -> ChangeRefused.notFound("ban", key.id()));
              return records
                  .change(
                      List.of(Change.delete(stored)),
                      Optional.of(new AuditEntry(author, "ban.lift", key.id(), stored.value(), "")))
                  .thenApply(
                      done -> {
                        drop(Network.of(key.id()));
                        return Ban.read(key.id(), stored.value());
                      });
            });
  }

  private static Network banned(String text) {
    Network network = Network.of(text);
    if (network.length() < SHORTEST) {
      throw new IllegalArgumentException(
          "network: \"" + network + "\" (expected: a length of " + SHORTEST + " or more)");
    }
    return network;
  }

  /** A network's text; one address goes without its length. */
  private static String name(Network network) {
    String text = network.toString();
    return network.equals(around(network, IPV4_BITS, IPV6_BITS))
        ? text.substring(0, text.indexOf('/'))
        : text;
  }

  /** Removes bans that are over; whichever instance comes first does it. */
  public void sweep() {
    long now = nowMillis();
    List<Held> over = new ArrayList<>();
    for (Collection<Held> some : List.of(sites.values(), networks.toMap().values())) {
      some.stream()
          .filter(held -> !held.ban.inForce(now))
          .limit(SWEPT - over.size())
          .forEach(over::add);
    }
    for (Held held : over) {
      drop(held.network);
      if (held.version > 0) {
        RecordKey key = new RecordKey(Ban.KIND, held.ban.network());
        var unused =
            records
                .change(List.of(new Change(key, held.version, Optional.empty())), Optional.empty())
                .exceptionally(error -> List.of());
      }
    }
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
