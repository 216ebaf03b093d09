// SPDX-License-Identifier: Apache-2.0
package dev.weir.micrometer;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Decision;
import dev.weir.core.DecisionListener;
import dev.weir.core.Descriptor;
import dev.weir.core.LimitId;
import dev.weir.core.LimitState;
import dev.weir.core.Reason;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts decisions by their deciding limit: {@code weir.decisions} with the tags {@code policy},
 * {@code limit}, {@code outcome} and {@code reason}, which Prometheus calls {@code
 * weir_decisions_total}.
 *
 * <p>Safe for use by any number of threads, and by several limiters. It counts from the moment it
 * is made; a registry that is bound later learns what was counted before. One of these is enough
 * for a registry: another's meters of the same names would be dropped by it.
 */
public final class DecisionMeters implements DecisionListener, MeterBinder {

  /* A decision costs a comparison and an addition: Micrometer's own look-up by name and tags makes
   * several objects and takes some two hundred nanoseconds. Meters are made when a limit first
   * decides in a new way, from adders that exist without any registry, so that a registry may also
   * be made when somebody first asks for it. */

  /** Limits that are told apart unless said otherwise. */
  public static final int DEFAULT_MAX_LIMITS = 1_000;

  private static final String OTHER = "other";
  private static final String NONE = "none";
  private static final String REQUEST = "(request)";

  private record Names(String policy, String limit) {}

  private final int maxLimits;
  private final Map<LimitId, LimitCounters> byLimit = new ConcurrentHashMap<>();
  // A race costs a look-up.
  private @Nullable LimitCounters latest;
  private final LimitCounters none;
  // Set when as many limits are known as may be told apart.
  private volatile @Nullable LimitCounters other;

  // Guarded by this.
  private final Map<Names, LimitCounters> byNames = new HashMap<>();
  private final List<MeterRegistry> registries = new ArrayList<>();

  /** Tells {@value #DEFAULT_MAX_LIMITS} limits apart. */
  public DecisionMeters() {
    this(DEFAULT_MAX_LIMITS);
  }

  /**
   * Meters with a bound on their number.
   *
   * @param maxLimits limits that are told apart; those that come after so many have been seen count
   *     as policy and limit {@code other}
   */
  public DecisionMeters(int maxLimits) {
    if (maxLimits < 0) {
      throw new IllegalArgumentException("maxLimits: " + maxLimits + " (expected: 0 or more)");
    }
    this.maxLimits = maxLimits;
    this.none = new LimitCounters(LimitId.of(NONE, NONE), NONE, NONE);
    byNames.put(new Names(NONE, NONE), none);
  }

  @Override
  public void onDecision(List<Descriptor> descriptors, Decision decision) {
    LimitState deciding = decision.deciding().orElse(null);
    LimitCounters counters = deciding == null ? none : counters(deciding);
    if (!counters.count(decision)) {
      countFirst(counters, decision);
    }
  }

  private LimitCounters counters(LimitState deciding) {
    LimitId id = deciding.key().limit();
    LimitCounters recent = latest;
    if (recent != null && recent.id == id) {
      return recent;
    }
    LimitCounters known = byLimit.get(id);
    if (known != null) {
      latest = known;
      return known;
    }
    LimitCounters rest = other;
    return rest != null ? rest : meet(id, deciding);
  }

  private synchronized LimitCounters meet(LimitId id, LimitState deciding) {
    if (byLimit.size() >= maxLimits && !byLimit.containsKey(id)) {
      LimitCounters rest = named(OTHER, OTHER, id);
      other = rest;
      return rest;
    }
    // Policies of several domains may have one name; a limit that a request brought has no policy.
    String policy = deciding.policy().isEmpty() ? REQUEST : deciding.policy();
    return byLimit.computeIfAbsent(id, fresh -> named(policy, deciding.limit().name(), fresh));
  }

  private LimitCounters named(String policy, String limit, LimitId id) {
    return byNames.computeIfAbsent(
        new Names(policy, limit), names -> new LimitCounters(id, policy, limit));
  }

  private synchronized void countFirst(LimitCounters counters, Decision decision) {
    LimitCounters.Counter added = counters.add(decision);
    if (added != null) {
      registries.forEach(added::bindTo);
    }
    var unused = counters.count(decision);
  }

  /**
   * How often a limit has decided in one way since these meters were made.
   *
   * @param policy the policy's name; {@code none} where no limit applied, {@code other} for limits
   *     that are not told apart
   * @param limit the limit's name, or the same words
   * @param allowed whether it allowed
   * @param reason why
   * @param count how often
   * @since 0.1
   */
  public record Count(String policy, String limit, boolean allowed, Reason reason, long count) {}

  /**
   * What was counted so far, in no order; at most a row for each way in which one of the limits
   * that are told apart has decided. Takes a microsecond or so for each limit.
   *
   * @since 0.1
   */
  public synchronized List<Count> counts() {
    List<Count> counts = new ArrayList<>();
    for (LimitCounters counters : byNames.values()) {
      for (LimitCounters.Counter counter : counters.counters()) {
        counts.add(counter.read());
      }
    }
    return counts;
  }

  @Override
  public synchronized void bindTo(MeterRegistry registry) {
    registries.add(requireNonNull(registry, "registry"));
    for (LimitCounters counters : byNames.values()) {
      for (LimitCounters.Counter counter : counters.counters()) {
        counter.bindTo(registry);
      }
    }
  }
}
