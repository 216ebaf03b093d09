// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The front door: judges descriptors by policies over a store.
 *
 * <p>Immutable and safe for use by any number of threads. New policies make a new limiter over the
 * same store ({@link #withPolicies}); what was counted stays. The methods whose names end in {@code
 * Async} never block; the others wait for the store, which in memory answers at once. A store that
 * cannot answer is no exception: the failure policies of the limits decide (R23).
 *
 * <pre>{@code
 * RateLimiter limiter =
 *     RateLimiter.of(Limit.of("per-user", TokenBucket.of(100, Duration.ofMinutes(1))));
 * if (limiter.check("user-42").allowed()) {
 *   serve();
 * }
 * }</pre>
 */
public final class RateLimiter implements AutoCloseable {

  /** Domain and entry key of the descriptors that {@link #check(String)} makes. */
  public static final String DEFAULT_DOMAIN = "default";

  /** See {@link #DEFAULT_DOMAIN}. */
  public static final String DEFAULT_KEY = "key";

  // One of the two: the store is here, or it is elsewhere.
  private final @Nullable MemoryStore memory;
  private final @Nullable Remote remote;
  private final PolicySet policies;
  private final DecisionListener listener;
  private final FailureJudge failures;
  // What check(key) meets if that is one enforced limit and nothing else, and nobody listens.
  private final @Nullable BoundLimit onlyLimit;
  private final String onlyPolicy;

  private RateLimiter(
      @Nullable MemoryStore memory,
      @Nullable Remote remote,
      PolicySet policies,
      DecisionListener listener,
      FailureJudge failures) {
    this.memory = memory;
    this.remote = remote;
    this.policies = policies;
    this.listener = listener;
    this.failures = failures;
    failures.admit(policies);
    this.onlyLimit = listener == DecisionListener.none() ? QuickCheck.onlyLimit(policies) : null;
    this.onlyPolicy = onlyLimit == null ? "" : policies.policies().getFirst().name();
  }

  /** A limiter in memory whose limits all apply to the keys given to {@link #check(String)}. */
  public static RateLimiter of(Limit... limits) {
    Policy policy =
        Policy.named(DEFAULT_DOMAIN)
            .domain(DEFAULT_DOMAIN)
            .match(DEFAULT_KEY, ValuePattern.any())
            .key(DEFAULT_KEY)
            .limits(List.of(limits))
            .build();
    return create(MemoryStore.create(), PolicySet.of(List.of(policy)));
  }

  /** A limiter without a listener. */
  public static RateLimiter create(Store store, PolicySet policies) {
    return builder().store(store).policies(policies).build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The same limiter with other policies over the same state (R21). */
  public RateLimiter withPolicies(PolicySet policies) {
    requireNonNull(policies, "policies");
    RateLimiter changed = new RateLimiter(memory, remote, policies, listener, failures);
    if (remote != null) {
      remote.policiesChanged(policies);
    }
    return changed;
  }

  public PolicySet policies() {
    return policies;
  }

  /** Whether decisions are made at once, on the calling thread, as they are in memory. */
  public boolean immediate() {
    return memory != null;
  }

  /**
   * What is known and counted beside the decisions. Looks through what is remembered, which takes a
   * fraction of a millisecond; for meters, not for every check.
   *
   * @since 0.1
   */
  public LimiterStatistics statistics() {
    return remote == null ? LimiterStatistics.of(failures.failures()) : remote.statistics();
  }

  /** Checks a key of the default domain at a cost of 1. */
  public Decision check(String key) {
    if (onlyLimit != null && memory != null) {
      Scratch scratch = Scratch.own();
      scratch.key.part(key);
      return takeOnly(memory, onlyLimit, scratch);
    }
    if (onlyLimit != null && remote != null) {
      Scratch scratch = Scratch.own();
      scratch.key.part(key);
      return takeOnly(remote, onlyLimit, scratch);
    }
    return check(Descriptor.of(DEFAULT_DOMAIN, DEFAULT_KEY, key));
  }

  /**
   * Checks a key of the default domain, given as UTF-8, at a cost of 1; on the way from the wire to
   * the counter no text is made if it meets one limit in memory.
   *
   * @throws IllegalArgumentException if text must be made and the bytes are not UTF-8
   */
  public Decision check(byte[] utf8, int offset, int length) {
    if (onlyLimit != null && memory != null) {
      Scratch scratch = Scratch.own();
      scratch.key.part(utf8, offset, length);
      return takeOnly(memory, onlyLimit, scratch);
    }
    if (onlyLimit != null && remote != null) {
      Scratch scratch = Scratch.own();
      scratch.key.part(utf8, offset, length);
      return takeOnly(remote, onlyLimit, scratch);
    }
    return check(Utf8.decode(utf8, offset, length));
  }

  /** The same as {@link #check(String)} for whoever only wants to know whether to go on. */
  public boolean tryTake(String key) {
    if (onlyLimit != null && memory != null) {
      Scratch scratch = Scratch.own();
      scratch.key.part(key);
      return QuickCheck.take(memory, onlyLimit, scratch)
          || takeOnly(memory, onlyLimit, scratch).allowed();
    }
    if (onlyLimit != null && remote != null) {
      Scratch scratch = Scratch.own();
      scratch.key.part(key);
      return tryTakeOnly(remote, onlyLimit, scratch);
    }
    return check(key).allowed();
  }

  /**
   * The same as {@link #check(byte[], int, int)} for whoever only wants to know whether to go on.
   *
   * @throws IllegalArgumentException if text must be made and the bytes are not UTF-8
   */
  public boolean tryTake(byte[] utf8, int offset, int length) {
    if (onlyLimit != null && memory != null) {
      Scratch scratch = Scratch.own();
      scratch.key.part(utf8, offset, length);
      return QuickCheck.take(memory, onlyLimit, scratch)
          || takeOnly(memory, onlyLimit, scratch).allowed();
    }
    if (onlyLimit != null && remote != null) {
      Scratch scratch = Scratch.own();
      scratch.key.part(utf8, offset, length);
      return tryTakeOnly(remote, onlyLimit, scratch);
    }
    return check(utf8, offset, length).allowed();
  }

  private Decision takeOnly(MemoryStore inMemory, BoundLimit limit, Scratch scratch) {
    Decision quick = QuickCheck.judge(inMemory, limit, onlyPolicy, scratch, 1);
    if (quick != null) {
      return quick;
    }
    CounterKey key = CounterKey.wrap(limit.id(), scratch.key.copy());
    return judgeInMemory(inMemory, Plan.of(onlyPolicy, limit, key));
  }

  private Decision takeOnly(Remote elsewhere, BoundLimit limit, Scratch scratch) {
    limit.id().hash().hash(scratch);
    byte[] key = scratch.key.copy();
    Decision known = elsewhere.judge(onlyPolicy, limit, key, scratch.high, scratch.low, 1);
    return known != null
        ? known
        : join(elsewhere.decide(Plan.of(onlyPolicy, limit, CounterKey.wrap(limit.id(), key))));
  }

  private boolean tryTakeOnly(Remote elsewhere, BoundLimit limit, Scratch scratch) {
    limit.id().hash().hash(scratch);
    return switch (elsewhere.take(limit, scratch.high, scratch.low, 1)) {
      case ADMITTED -> true;
      case DENIED -> false;
      case NOTHING -> takeOnly(elsewhere, limit, scratch).allowed();
    };
  }

  /** Checks one descriptor: takes from every limit that it meets, or from none (R1). */
  public Decision check(Descriptor descriptor) {
    Decision quick = checkQuickly(descriptor);
    return quick != null ? quick : check(List.of(descriptor));
  }

  /** Checks several descriptors as one step. */
  public Decision check(List<Descriptor> descriptors) {
    return join(checkAsync(descriptors));
  }

  /** Checks several descriptors as one step. */
  public CompletionStage<Decision> checkAsync(List<Descriptor> descriptors) {
    if (descriptors.size() == 1) {
      if (remote != null) {
        return checkElsewhere(remote, descriptors);
      }
      Decision quick = checkQuickly(descriptors.getFirst());
      if (quick != null) {
        return CompletableFuture.completedFuture(quick);
      }
    }
    return run(descriptors, Intent.check());
  }

  /**
   * Finds out whether a check would be refused for what its descriptors say, before anything is
   * charged; for whoever has several checks to make or none.
   *
   * @throws IllegalArgumentException as the check would
   */
  public void validate(List<Descriptor> descriptors) {
    if (policies.mayRefuse(descriptors.size())) {
      Plan.of(policies, descriptors, Intent.PEEK);
    }
  }

  /** Judges as a check would and takes nothing (R10). */
  public Decision peek(List<Descriptor> descriptors) {
    return join(peekAsync(descriptors));
  }

  /** Judges as a check would and takes nothing (R10). */
  public CompletionStage<Decision> peekAsync(List<Descriptor> descriptors) {
    return run(descriptors, Intent.PEEK);
  }

  /** Charges what the work turned out to cost, into debt if need be (R12); never denied. */
  public Decision record(List<Descriptor> descriptors) {
    return join(recordAsync(descriptors));
  }

  /** Charges what the work turned out to cost, into debt if need be (R12); never denied. */
  public CompletionStage<Decision> recordAsync(List<Descriptor> descriptors) {
    return run(descriptors, Intent.RECORD);
  }

  /**
   * Checks, holding the permits of concurrency limits under an id until released or expired (R17).
   *
   * @param id 1..100 characters; the same id again renews
   * @param ttl how long, cut at each limit's expiry
   */
  public Decision hold(List<Descriptor> descriptors, String id, Duration ttl) {
    return join(holdAsync(descriptors, id, ttl));
  }

  /** See {@link #hold}. */
  public CompletionStage<Decision> holdAsync(
      List<Descriptor> descriptors, String id, Duration ttl) {
    return run(descriptors, Intent.hold(id, ttl));
  }

  /** Extends holds; denied if one of them is gone. */
  public CompletionStage<Decision> renewAsync(
      List<Descriptor> descriptors, String id, Duration ttl) {
    return run(descriptors, new Intent.Renew(id, Optional.of(ttl)));
  }

  /** Gives up holds; what is not held is no error (R17). */
  public Decision release(List<Descriptor> descriptors, String id) {
    return join(releaseAsync(descriptors, id));
  }

  /** Gives up holds; what is not held is no error (R17). */
  public CompletionStage<Decision> releaseAsync(List<Descriptor> descriptors, String id) {
    return run(descriptors, new Intent.Release(id));
  }

  /** Adds the descriptors' costs to their limits, capped at full (R10). */
  public CompletionStage<Decision> grantAsync(List<Descriptor> descriptors) {
    return run(descriptors, Intent.GRANT);
  }

  /** Makes the keys as if never used. */
  public CompletionStage<Decision> resetAsync(List<Descriptor> descriptors) {
    return run(descriptors, Intent.RESET);
  }

  /**
   * Gives back what receipts were issued for, as far as it still counts; releases holds (R10).
   *
   * @return permits given back
   */
  public long refund(List<Receipt> receipts) {
    return join(refundAsync(receipts));
  }

  /** See {@link #refund}; fails with a {@link StoreException} and is never retried. */
  public CompletionStage<Long> refundAsync(List<Receipt> receipts) {
    List<Charge> charges = new ArrayList<>(receipts.size());
    for (Receipt receipt : receipts) {
      policies
          .limit(receipt.key().limit())
          .ifPresent(
              limit ->
                  charges.add(
                      new Charge(
                          receipt.key().of(limit.id()),
                          limit.kernel(),
                          receipt.amount(),
                          limit.limit().mode(),
                          new Operation.Refund(receipt))));
    }
    if (charges.isEmpty()) {
      return CompletableFuture.completedFuture(0L);
    }
    return apply(charges).thenApply(verdicts -> verdicts.stream().mapToLong(Verdict::amount).sum());
  }

  /**
   * Gives back what was leased and is unused, of this limiter and of those made from it by {@link
   * #withPolicies}, and leases nothing more; they go on deciding (R29). Does not close the store.
   *
   * @return when all of it is back, or failed to be; never fails
   */
  public CompletionStage<Void> closeAsync() {
    return remote == null ? CompletableFuture.completedFuture(null) : remote.close();
  }

  /** See {@link #closeAsync}; waits for a second at most. */
  @Override
  public void close() {
    join(closeAsync().toCompletableFuture().completeOnTimeout(null, 1, TimeUnit.SECONDS));
  }

  private CompletionStage<List<Verdict>> apply(List<Charge> charges) {
    return memory != null ? memory.apply(charges) : requireNonNull(remote).send(charges);
  }

  /** A handle for a key of the default domain. */
  public Handle handle(String key) {
    return handle(Descriptor.of(DEFAULT_DOMAIN, DEFAULT_KEY, key));
  }

  /**
   * Binds a limit that callers bring with their keys, for many checks by it. They count where those
   * of {@link Descriptor#withLimit} do, whose descriptor has the one entry {@link #DEFAULT_KEY};
   * other parameters under the same name keep what is spent (R21). Stays valid under other
   * policies.
   *
   * @param domain whose keys these are; 1..200 characters
   * @param limit enforced or shadow; not a concurrency limit; leases are ignored
   * @throws IllegalArgumentException if it is one, or requests brought too many different
   *     parameters since the process began
   */
  public RequestedLimit requested(String domain, Limit limit) {
    Require.text("domain", requireNonNull(domain, "domain"), 200);
    if (limit.algorithm() instanceof Concurrency) {
      throw new IllegalArgumentException(
          "algorithm of a requested limit: " + limit.algorithm() + " (expected: no concurrency)");
    }
    return new RequestedLimit(
        domain, BoundLimit.requested(domain, limit), memory, remote, listener, failures);
  }

  /**
   * Binds a descriptor to the one enforced limit that it meets, for the fastest checks. The handle
   * keeps to the policies of this limiter.
   *
   * @throws IllegalArgumentException if it does not meet exactly one enforced limit
   */
  public Handle handle(Descriptor descriptor) {
    List<PolicyMatch> matches = policies.match(descriptor);
    if (descriptor.limit().isPresent()
        || matches.size() != 1
        || !QuickCheck.fits(matches.getFirst())) {
      throw new IllegalArgumentException(
          "descriptor: " + descriptor + " (expected: one that meets exactly one enforced limit)");
    }
    Scratch scratch = Scratch.own();
    matches.getFirst().writeKey(descriptor, scratch.key);
    BoundLimit limit = matches.getFirst().limits().getFirst();
    CounterKey key = CounterKey.wrap(limit.id(), scratch.key.copy());
    return new Handle(this, memory, remote, listener, descriptor, matches.getFirst(), key);
  }

  /** Judges one descriptor that meets one enforced limit, if it can without lock or store call. */
  private @Nullable Decision checkQuickly(Descriptor descriptor) {
    if (descriptor.limit().isPresent()) {
      return null;
    }
    List<PolicyMatch> matches = policies.match(descriptor);
    if (matches.size() != 1 || !QuickCheck.fits(matches.getFirst())) {
      return null;
    }
    PolicyMatch match = matches.getFirst();
    BoundLimit limit = match.limits().getFirst();
    Scratch scratch = Scratch.own();
    match.writeKey(descriptor, scratch.key);
    long cost = match.cost(descriptor);
    Decision decision =
        memory != null
            ? QuickCheck.judge(memory, limit, match.policy(), scratch, cost)
            : judgeQuickly(requireNonNull(remote), limit, match.policy(), scratch, cost);
    if (decision != null && listener != DecisionListener.none()) {
      tell(List.of(descriptor), decision);
    }
    return decision;
  }

  /* One descriptor that meets one enforced limit is matched and keyed once, known or not. */
  private CompletionStage<Decision> checkElsewhere(Remote elsewhere, List<Descriptor> descriptors) {
    Descriptor descriptor = descriptors.getFirst();
    List<PolicyMatch> matches =
        descriptor.limit().isPresent() ? List.of() : policies.match(descriptor);
    if (matches.size() != 1 || !QuickCheck.fits(matches.getFirst())) {
      return run(descriptors, Intent.check());
    }
    PolicyMatch match = matches.getFirst();
    BoundLimit limit = match.limits().getFirst();
    Scratch scratch = Scratch.own();
    match.writeKey(descriptor, scratch.key);
    long cost = match.cost(descriptor);
    limit.id().hash().hash(scratch);
    byte[] key = scratch.key.copy();
    long now = elsewhere.now();
    Decision known =
        elsewhere.judge(match.policy(), limit, key, scratch.high, scratch.low, cost, now);
    if (known != null) {
      return CompletableFuture.completedFuture(told(descriptors, known));
    }
    CounterKey counter = CounterKey.wrap(limit.id(), key);
    return told(
        descriptors, elsewhere.decideUnknown(Plan.of(match.policy(), limit, counter, cost), now));
  }

  private CompletionStage<Decision> told(
      List<Descriptor> descriptors, CompletionStage<Decision> decision) {
    return listener == DecisionListener.none()
        ? decision
        : decision.thenApply(made -> told(descriptors, made));
  }

  private static @Nullable Decision judgeQuickly(
      Remote elsewhere, BoundLimit limit, String policy, Scratch scratch, long cost) {
    limit.id().hash().hash(scratch);
    byte[] key = scratch.key.copy();
    return elsewhere.judge(policy, limit, key, scratch.high, scratch.low, cost);
  }

  private CompletionStage<Decision> run(List<Descriptor> descriptors, Intent intent) {
    Require.within("descriptors", descriptors.size(), 1, Store.MAX_CHARGES);
    Plan plan = Plan.of(policies, descriptors, intent);
    if (plan.decided()) {
      return CompletableFuture.completedFuture(told(descriptors, plan.decide()));
    }
    MemoryStore inMemory = memory;
    if (inMemory != null) {
      return CompletableFuture.completedFuture(told(descriptors, judgeInMemory(inMemory, plan)));
    }
    return told(descriptors, requireNonNull(remote).decide(plan));
  }

  private Decision judgeInMemory(MemoryStore inMemory, Plan plan) {
    return plan.decide(inMemory, failures);
  }

  private Decision told(List<Descriptor> descriptors, Decision decision) {
    if (listener != DecisionListener.none()) {
      tell(descriptors, decision);
    }
    return decision;
  }

  void tell(List<Descriptor> descriptors, Decision decision) {
    tell(listener, descriptors, decision);
  }

  // A listener's fault is not the caller's: the decision stands.
  @SuppressWarnings("EmptyCatch")
  static void tell(DecisionListener listener, List<Descriptor> descriptors, Decision decision) {
    try {
      listener.onDecision(descriptors, decision);
    } catch (RuntimeException dropped) {
      // As the listener's contract says.
    }
  }

  static <T> T join(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /** Collects what a limiter is made of. */
  public static final class Builder {

    private @Nullable Store store;
    private @Nullable PolicySet policies;
    private DecisionListener listener = DecisionListener.none();
    private TimeSource clock = TimeSource.system();
    private int denialMemory = DenialMemory.DEFAULT_MAX_KEYS;
    private @Nullable IntSupplier nodes;

    private Builder() {}

    /** Where state lives; a new {@link MemoryStore} unless given. */
    public Builder store(Store store) {
      this.store = requireNonNull(store, "store");
      return this;
    }

    /** What applies to whom; required. */
    public Builder policies(PolicySet policies) {
      this.policies = requireNonNull(policies, "policies");
      return this;
    }

    /** Hears of every decision. */
    public Builder listener(DecisionListener listener) {
      this.listener = requireNonNull(listener, "listener");
      return this;
    }

    /** How many nodes share a limit whose failure policy is local; 1 or more. */
    public Builder nodes(int nodes) {
      int count = (int) Require.within("nodes", nodes, 1, FailureJudge.MAX_NODES);
      return nodes(() -> count);
    }

    /**
     * How many nodes share a limit whose failure policy is local, if that is counted while they
     * run, such as by heartbeats. Asked whenever a local share is needed, by any thread; must
     * answer at once. Less than 1 counts as 1.
     */
    public Builder nodes(IntSupplier nodes) {
      this.nodes = requireNonNull(nodes, "nodes");
      return this;
    }

    /**
     * The clock by which this node knows how long it may remember what a store elsewhere said;
     * stores have clocks of their own. The system's unless given.
     */
    public Builder clock(TimeSource clock) {
      this.clock = requireNonNull(clock, "clock");
      return this;
    }

    /**
     * For about how many keys denials are remembered in front of a store that is elsewhere, each
     * until the same check would be admitted and for at most a second (R28); 65 536 unless given,
     * some 130 bytes each, and 0 for none. What another node gives back to such a key is noticed
     * with that delay.
     */
    public Builder denialMemory(int maxKeys) {
      this.denialMemory = (int) Require.within("denialMemory", maxKeys, 0, 1 << 26);
      return this;
    }

    /**
     * Makes the limiter.
     *
     * @throws IllegalArgumentException if there are no policies, or a local share cannot be known
     */
    public RateLimiter build() {
      if (policies == null) {
        throw new IllegalArgumentException(
            "policies: none (expected: a policy set; PolicySet.empty() allows everything)");
      }
      Store where = store != null ? store : MemoryStore.create();
      FailureJudge failures = new FailureJudge(nodes);
      if (where instanceof MemoryStore here) {
        return new RateLimiter(here, null, policies, listener, failures);
      }
      DenialMemory denials = denialMemory == 0 ? null : new DenialMemory(denialMemory);
      Remote remote = new Remote(where, failures, clock, denials);
      return new RateLimiter(null, remote, policies, listener, failures);
    }
  }
}
