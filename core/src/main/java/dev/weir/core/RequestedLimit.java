// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A limit that callers bring with their keys, bound once for all of them: the fastest check by
 * parameters that no policy knows.
 *
 * <p>Safe for use by any number of threads. On the way from the key's bytes to its counter no text
 * is made.
 *
 * @see RateLimiter#requested
 */
public final class RequestedLimit {

  private static final byte[] ENTRY = RateLimiter.DEFAULT_KEY.getBytes(StandardCharsets.US_ASCII);

  private final String domain;
  private final BoundLimit limit;
  private final @Nullable MemoryStore memory;
  private final @Nullable Remote remote;
  private final DecisionListener listener;
  private final FailureJudge failures;
  private final boolean quick;
  private final int longestKey;

  RequestedLimit(
      String domain,
      BoundLimit limit,
      @Nullable MemoryStore memory,
      @Nullable Remote remote,
      DecisionListener listener,
      FailureJudge failures) {
    this.domain = domain;
    this.limit = limit;
    this.memory = memory;
    this.remote = remote;
    this.listener = listener;
    this.failures = failures;
    this.quick = limit.limit().mode() == Mode.ENFORCED;
    this.longestKey = Descriptor.MAX_CHARACTERS - domain.length() - ENTRY.length;
  }

  public Limit limit() {
    return limit.limit();
  }

  /**
   * Checks a key; waits for a store that is elsewhere.
   *
   * @param cost 0..2<sup>31</sup> − 1; 0 asks as 1 would and takes nothing (R10)
   * @throws IllegalArgumentException if the key is longer than a descriptor may be, or the cost is
   *     out of range
   */
  public Decision check(byte[] utf8, int offset, int length, long cost) {
    MemoryStore here = memory;
    if (here == null) {
      return RateLimiter.join(checkAsync(utf8, offset, length, cost));
    }
    Scratch scratch = key(utf8, offset, length, cost);
    Decision decision = quick ? QuickCheck.judge(here, limit, "", scratch, cost) : null;
    if (decision == null) {
      decision = plan(keyed(utf8, offset, length), cost).decide(here, failures);
    }
    return told(utf8, offset, length, cost, decision);
  }

  /** See {@link #check}; never blocks. */
  public CompletionStage<Decision> checkAsync(byte[] utf8, int offset, int length, long cost) {
    if (memory != null) {
      return CompletableFuture.completedFuture(check(utf8, offset, length, cost));
    }
    Remote elsewhere = requireNonNull(remote);
    Scratch scratch = key(utf8, offset, length, cost);
    byte[] key = scratch.key.copy();
    if (!quick) {
      return told(key, cost, elsewhere.decide(plan(key, cost)));
    }
    limit.id().hash().hash(scratch);
    long now = elsewhere.now();
    Decision known = elsewhere.judge("", limit, key, scratch.high, scratch.low, cost, now);
    return known != null
        ? CompletableFuture.completedFuture(told(utf8, offset, length, cost, known))
        : told(key, cost, elsewhere.decideUnknown(plan(key, cost), now));
  }

  private Scratch key(byte[] utf8, int offset, int length, long cost) {
    Objects.checkFromIndexSize(offset, length, utf8.length);
    Require.within("bytes of the key", length, 0, longestKey);
    Require.within("cost", cost, 0, Descriptor.MAX_COST);
    Scratch scratch = Scratch.own();
    write(scratch.key, utf8, offset, length);
    return scratch;
  }

  private static byte[] keyed(byte[] utf8, int offset, int length) {
    KeyBuffer key = Scratch.own().key;
    write(key, utf8, offset, length);
    return key.copy();
  }

  private static void write(KeyBuffer key, byte[] utf8, int offset, int length) {
    key.part(ENTRY, 0, ENTRY.length).part(utf8, offset, length);
  }

  private Plan plan(byte[] key, long cost) {
    return Plan.of("", limit, CounterKey.wrap(limit.id(), key), cost);
  }

  private Decision told(byte[] utf8, int offset, int length, long cost, Decision decision) {
    if (listener != DecisionListener.none()) {
      RateLimiter.tell(listener, new Asked(utf8, offset, length, cost), decision);
    }
    return decision;
  }

  private CompletionStage<Decision> told(
      byte[] key, long cost, CompletionStage<Decision> decision) {
    if (listener == DecisionListener.none()) {
      return decision;
    }
    int start = 2 * KeyBuffer.LENGTH_BYTES + ENTRY.length;
    return decision.thenApply(made -> told(key, start, key.length - start, cost, made));
  }

  /** What was checked, made into text for those who listen and want to know. */
  private final class Asked extends AbstractList<Descriptor> {
    private final byte[] utf8;
    private final int offset;
    private final int length;
    private final long cost;
    private @Nullable Descriptor descriptor;

    Asked(byte[] utf8, int offset, int length, long cost) {
      this.utf8 = utf8;
      this.offset = offset;
      this.length = length;
      this.cost = cost;
    }

    @Override
    public Descriptor get(int index) {
      Objects.checkIndex(index, 1);
      Descriptor made = descriptor;
      if (made == null) {
        String key = new String(utf8, offset, length, StandardCharsets.UTF_8);
        made =
            Descriptor.of(domain, RateLimiter.DEFAULT_KEY, key)
                .withCost(cost)
                .withLimit(limit.limit());
        descriptor = made;
      }
      return made;
    }

    @Override
    public int size() {
      return 1;
    }
  }
}
