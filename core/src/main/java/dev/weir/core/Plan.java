// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The charges of one request, and which limits they came from. Used by one thread. */
final class Plan {

  private final List<Charge> charges;
  private final List<Source> sources;
  private List<Unlimited> unlimited = List.of();
  private @Nullable Set<String> replaced;
  private @Nullable LeasedKey @Nullable [] watching;
  private boolean denyListed;
  private boolean allowListed;
  // The highest priority that a policy gives the request, and the highest that one sheds.
  private @Nullable Priority priority;
  private @Nullable Priority shed;

  private Plan(List<Charge> charges, List<Source> sources) {
    this.charges = charges;
    this.sources = sources;
  }

  /** Where a charge came from. */
  record Source(String policy, BoundLimit bound, int descriptor) {
    Limit limit() {
      return bound.limit();
    }
  }

  /**
   * Finds what the descriptors meet.
   *
   * @throws IllegalArgumentException if a cost is no cost, or there are too many charges
   */
  static Plan of(PolicySet policies, List<Descriptor> descriptors, Intent intent) {
    Plan plan = new Plan(new ArrayList<>(4), new ArrayList<>(4));
    for (int i = 0; i < descriptors.size(); i++) {
      plan.add(policies, descriptors.get(i), i, intent);
    }
    plan.dropReplaced();
    Require.within("charges of one check", plan.charges.size(), 0, Store.MAX_CHARGES);
    return plan;
  }

  /** A take at a cost of 1 from one limit. */
  static Plan of(String policy, BoundLimit limit, CounterKey key) {
    return of(policy, limit, key, 1);
  }

  /** A take from one limit. */
  static Plan of(String policy, BoundLimit limit, CounterKey key, long cost) {
    Operation operation = Intent.operation(Intent.check(), limit.limit()).orElseThrow();
    Charge charge = new Charge(key, limit.kernel(), cost, limit.limit().mode(), operation);
    return new Plan(List.of(charge), List.of(new Source(policy, limit, 0)));
  }

  private void add(PolicySet policies, Descriptor descriptor, int position, Intent intent) {
    if (descriptor.limit().isPresent()) {
      addOwn(descriptor, descriptor.limit().get(), position, intent);
      return;
    }
    for (PolicyMatch match : policies.match(descriptor)) {
      denyListed |= match.listing() == Listing.DENIED;
      allowListed |= match.listing() == Listing.ALLOWED;
      if (intent instanceof Intent.Check || intent instanceof Intent.Peek) {
        priority = higher(priority, match.priority(descriptor));
        shed = higher(shed, match.shed());
      }
      List<BoundLimit> limits = match.limits();
      note(match, position);
      if (!limits.isEmpty()) {
        KeyBuffer key = Scratch.own().key;
        match.writeKey(descriptor, key);
        byte[] value = key.copy();
        for (int i = 0; i < limits.size(); i++) {
          CounterKey counter = CounterKey.wrap(limits.get(i).id(), value);
          add(match.policy(), limits.get(i), counter, match.cost(descriptor), position, intent);
        }
      }
    }
  }

  private void note(PolicyMatch match, int position) {
    if (match.unlimited()) {
      unlimited = unlimited.isEmpty() ? new ArrayList<>(2) : unlimited;
      unlimited.add(new Unlimited(match.policy(), position));
    }
    if (match.replacing()) {
      Set<String> names = replaced == null ? new HashSet<>() : replaced;
      names.addAll(match.source().source().replaces());
      replaced = names;
    }
  }

  /* All at once, when all is known: a limit that is replaced itself still replaces others, whatever
   * the order. A caller's own limit is nobody's to replace. */
  private void dropReplaced() {
    Set<String> names = replaced;
    if (names == null) {
      return;
    }
    for (int i = charges.size() - 1; i >= 0; i--) {
      Source source = sources.get(i);
      if (!source.policy.isEmpty() && names.contains(source.limit().name())) {
        charges.remove(i);
        sources.remove(i);
      }
    }
  }

  private static @Nullable Priority higher(@Nullable Priority one, @Nullable Priority other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.compareTo(other) >= 0 ? one : other;
  }

  /* A limit that the caller brought counts by all entries. */
  private void addOwn(Descriptor descriptor, Limit limit, int position, Intent intent) {
    KeyBuffer key = Scratch.own().key;
    for (Descriptor.Entry entry : descriptor.entries()) {
      key.part(entry.key()).part(entry.value());
    }
    BoundLimit bound = BoundLimit.requested(descriptor.domain(), limit);
    CounterKey counter = CounterKey.wrap(bound.id(), key.copy());
    add("", bound, counter, descriptor.cost(), position, intent);
  }

  private void add(
      String policy, BoundLimit bound, CounterKey key, long cost, int position, Intent intent) {
    Limit limit = bound.limit();
    Optional<Operation> operation = Intent.operation(intent, limit);
    if (operation.isPresent()) {
      charges.add(new Charge(key, bound.kernel(), cost, limit.mode(), operation.get()));
      sources.add(new Source(policy, bound, position));
    }
  }

  List<Charge> charges() {
    return charges;
  }

  List<Source> sources() {
    return sources;
  }

  /** Whether the answer is known without asking the store. */
  boolean decided() {
    return denyListed || charges.isEmpty() || shed();
  }

  /* A request is as important as the most important thing that a policy knows of it: one more
   * policy that says so never makes it less. */
  private boolean shed() {
    return shed != null && (priority == null ? Priority.NORMAL : priority).compareTo(shed) <= 0;
  }

  /** The answer without the store's. */
  Decision decide() {
    if (denyListed) {
      return new Decision.Denied(Reason.DENY_LIST, List.of(), unlimited);
    }
    if (shed()) {
      return new Decision.Denied(Reason.SHED, List.of(), unlimited);
    }
    Reason without = unlimited.isEmpty() ? Reason.NO_MATCH : Reason.UNLIMITED;
    return allowed(allowListed ? Reason.ALLOW_LIST : without, List.of());
  }

  /** The answer of a store in memory, or that of the failure policies if it is full. */
  Decision decide(MemoryStore store, FailureJudge failures) {
    try {
      return decide(store.applyNow(charges));
    } catch (StoreException e) {
      return failures.judge(this, e);
    }
  }

  /** The answer when the store has judged. */
  Decision decide(List<Verdict> verdicts) {
    List<LimitState> states = states(verdicts);
    if (!Deciding.denies(states)) {
      return allowed(Reason.WITHIN_LIMIT, states);
    }
    LimitState deciding = Deciding.of(states, false);
    boolean tooBig = deciding != null && deciding.verdict().outcome() == Verdict.Outcome.TOO_BIG;
    return denied(tooBig ? Reason.TOO_BIG : Reason.OVER_LIMIT, states);
  }

  Decision allowed(Reason reason, List<LimitState> states) {
    return new JudgedAllowed(reason, states, unlimited);
  }

  Decision denied(Reason reason, List<LimitState> states) {
    return new Decision.Denied(reason, states, unlimited);
  }

  /** Pairs verdicts with the limits that they are about. */
  List<LimitState> states(List<Verdict> verdicts) {
    List<LimitState> states = new ArrayList<>(verdicts.size());
    for (int i = 0; i < verdicts.size(); i++) {
      states.add(state(i, verdicts.get(i)));
    }
    return states;
  }

  /** Whether every charge takes from a limit that may be leased, and no other limit has a part. */
  boolean leasable() {
    for (int i = 0; i < charges.size(); i++) {
      Charge charge = charges.get(i);
      boolean takes = charge.operation() instanceof Operation.Take && charge.cost() > 0;
      if (!takes || !sources.get(i).bound.leased()) {
        return false;
      }
    }
    return true;
  }

  /** Lets a hot key know what the store will answer to a charge. */
  void watch(int i, LeasedKey key) {
    @Nullable LeasedKey[] keys = watching == null ? new LeasedKey[charges.size()] : watching;
    keys[i] = key;
    watching = keys;
  }

  /** Tells those who watch. */
  void tell(List<Verdict> verdicts) {
    @Nullable LeasedKey @Nullable [] keys = watching;
    for (int i = 0; keys != null && i < keys.length; i++) {
      LeasedKey key = keys[i];
      if (key != null) {
        key.observe(verdicts.get(i));
      }
    }
  }

  /** The admission by leased permits. */
  Decision allowedByLease(List<Verdict> verdicts) {
    List<LimitState> states = new ArrayList<>(verdicts.size());
    for (int i = 0; i < verdicts.size(); i++) {
      states.add(state(i, verdicts.get(i), true));
    }
    return allowed(Reason.WITHIN_LIMIT, states);
  }

  /** Whether no other charge is on the same counter. */
  boolean chargesOnce(CounterKey key) {
    int times = 0;
    for (Charge charge : charges) {
      times += charge.key().equals(key) ? 1 : 0;
    }
    return times == 1;
  }

  /** Pairs a charge's verdict with the limit that it is about. */
  LimitState state(int i, Verdict verdict) {
    return state(i, verdict, false);
  }

  private LimitState state(int i, Verdict verdict, boolean estimated) {
    Source source = sources.get(i);
    Charge charge = charges.get(i);
    Optional<String> holdId =
        charge.operation() instanceof Operation.Hold hold
            ? Optional.of(hold.id())
            : Optional.empty();
    return new LimitState(
        source.policy, source.limit(), source.descriptor, charge.key(), verdict, holdId, estimated);
  }
}
