// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarPeriod;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Concurrency;
import dev.weir.core.FailurePolicy;
import dev.weir.core.FixedWindow;
import dev.weir.core.Limit;
import dev.weir.core.Mode;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.TokenBucket;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Reads limits, in plain words or field by field. */
public final class LimitReader {

  private static final long MAX_COUNT = 1L << 53;
  private static final Duration SHORTEST = Duration.ofNanos(1_000);
  private static final Duration LONGEST = Duration.ofDays(36_500);

  /** The algorithms under the names that files give them. */
  private enum Kind {
    TOKEN_BUCKET,
    FIXED_WINDOW,
    SLIDING_WINDOW,
    SLIDING_LOG,
    CALENDAR,
    CONCURRENCY
  }

  private LimitReader() {}

  /**
   * The limits of a policy; what is wrong with them is noted and left out.
   *
   * @param list the value of {@code limits}
   */
  public static List<Limit> limits(Node list) {
    List<Limit> limits = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Node item : list.items()) {
      Optional<Limit> limit = limit(item, List.of());
      limit.ifPresent(limits::add);
      if (limit.isPresent() && !names.add(limit.get().name())) {
        item.report("name \"" + limit.get().name() + "\" (expected: each name once)");
        limits.removeLast();
      }
    }
    if (list.kind() == Node.Kind.SEQUENCE && list.isEmpty()) {
      list.report("no limit (expected: 1..16)");
    }
    return limits;
  }

  /**
   * Limits in place of a policy's own of the same names, from which they take what they do not say
   * themselves. One without a name replaces the only one there is.
   */
  static List<Limit> replacements(Node list, List<Limit> policy) {
    List<Limit> limits = new ArrayList<>();
    for (Node item : list.items()) {
      Optional<Limit> limit = limit(item, policy);
      limit.filter(found -> isOneOf(policy, found, item)).ifPresent(limits::add);
    }
    return limits;
  }

  private static boolean isOneOf(List<Limit> policy, Limit limit, Node item) {
    List<String> names = policy.stream().map(Limit::name).toList();
    boolean known = names.contains(limit.name());
    if (!known && !policy.isEmpty()) {
      item.report(
          "name \"" + limit.name() + "\" (expected: one of " + String.join(", ", names) + ")");
    }
    return known;
  }

  private static Optional<Limit> limit(Node node, List<Limit> replaced) {
    if (node.kind() == Node.Kind.SCALAR) {
      Optional<Algorithm> algorithm = node.convert(RateWords::parse);
      String name = node.text().map(RateWords::name).orElse("");
      return algorithm.flatMap(how -> limit(node, base(Optional.empty(), replaced), name, how));
    }
    Fields fields = node.fields();
    Optional<Node> rate = fields.node("rate");
    Optional<Algorithm> algorithm =
        rate.isPresent() ? rate.get().convert(RateWords::parse) : fieldByField(fields);
    String words =
        rate.flatMap(LimitReader::quietText)
            .or(() -> fields.node("algorithm").flatMap(LimitReader::quietText))
            .map(RateWords::name)
            .orElse("");
    Optional<String> name = fields.text("name");
    Optional<FailurePolicy> onFailure = fields.choice("on-failure", FailurePolicy.class);
    Optional<Mode> mode = mode(fields);
    Optional<Node> lease = fields.node("lease");
    Optional<UnaryOperator<Limit>> leased = lease.flatMap(LeaseReader::change);
    fields.done();
    Optional<Limit> base = base(name, replaced);
    return algorithm
        .flatMap(how -> limit(node, base, name.orElse(words), how))
        .map(limit -> onFailure.map(limit::onFailure).orElse(limit))
        .map(limit -> mode.map(chosen -> inMode(limit, chosen)).orElse(limit))
        .flatMap(limit -> leased.map(how -> lease(limit, lease, how)).orElse(Optional.of(limit)));
  }

  private static Optional<Limit> lease(
      Limit limit, Optional<Node> node, UnaryOperator<Limit> change) {
    return node.flatMap(place -> place.attempt(() -> Optional.of(change.apply(limit))));
  }

  private static Optional<String> quietText(Node node) {
    return node.kind() == Node.Kind.SCALAR ? node.text() : Optional.empty();
  }

  private static Optional<Limit> limit(
      Node node, Optional<Limit> base, String name, Algorithm algorithm) {
    return node.attempt(
        () ->
            Optional.of(
                base.map(limit -> limit.with(algorithm))
                    .orElseGet(() -> Limit.of(name, algorithm))));
  }

  private static Optional<Limit> base(Optional<String> name, List<Limit> replaced) {
    if (name.isEmpty()) {
      return replaced.size() == 1 ? Optional.of(replaced.getFirst()) : Optional.empty();
    }
    return replaced.stream().filter(limit -> limit.name().equals(name.get())).findFirst();
  }

  private static Limit inMode(Limit limit, Mode mode) {
    return new Limit(limit.name(), limit.algorithm(), limit.onFailure(), mode, limit.lease());
  }

  /** What the fields shadow and quota say, if one of them is there. */
  static Optional<Mode> mode(Fields fields) {
    Optional<Boolean> shadow = fields.truth("shadow");
    Optional<Boolean> quota = fields.truth("quota");
    if (shadow.orElse(false) && quota.orElse(false)) {
      fields.source().report("shadow and quota (expected: one of them)");
    }
    if (shadow.isEmpty() && quota.isEmpty()) {
      return Optional.empty();
    }
    Mode otherwise = quota.orElse(false) ? Mode.QUOTA : Mode.ENFORCED;
    return Optional.of(shadow.orElse(false) ? Mode.SHADOW : otherwise);
  }

  private static Optional<Algorithm> fieldByField(Fields fields) {
    Optional<Node> algorithm = fields.node("algorithm");
    if (algorithm.isEmpty()) {
      if (fields.source().kind() == Node.Kind.MAPPING) {
        fields.source().report("no rate (expected: a field rate or algorithm)");
      }
      return Optional.empty();
    }
    Optional<Kind> kind = algorithm.get().choice(Kind.class);
    return kind.flatMap(
        chosen ->
            fields
                .source()
                .attempt(
                    () ->
                        switch (chosen) {
                          case TOKEN_BUCKET -> tokenBucket(fields);
                          case FIXED_WINDOW ->
                              both(
                                  fields
                                      .required("limit")
                                      .flatMap(limit -> limit.integer(0, MAX_COUNT)),
                                  window(fields, "window"),
                                  FixedWindow::new);
                          case SLIDING_WINDOW ->
                              both(
                                  count(fields, "limit"),
                                  window(fields, "window"),
                                  SlidingWindow::new);
                          case SLIDING_LOG ->
                              both(
                                  count(fields, "limit"),
                                  window(fields, "window"),
                                  SlidingLog::new);
                          case CALENDAR -> calendar(fields);
                          case CONCURRENCY -> concurrency(fields);
                        }));
  }

  private interface Two {
    Algorithm of(long count, Duration duration);
  }

  private static Optional<Algorithm> both(
      Optional<Long> count, Optional<Duration> duration, Two two) {
    return count.flatMap(c -> duration.map(d -> two.of(c, d)));
  }

  private static Optional<Long> count(Fields fields, String name) {
    return fields.required(name).flatMap(node -> node.integer(1, MAX_COUNT));
  }

  private static Optional<Duration> window(Fields fields, String name) {
    return fields.required(name).flatMap(node -> node.duration(SHORTEST, LONGEST));
  }

  private static Optional<Algorithm> tokenBucket(Fields fields) {
    Optional<Long> capacity = count(fields, "capacity");
    Optional<Duration> period = window(fields, "period");
    Optional<Node> refill = fields.node("refill");
    Optional<Long> refilled = refill.isPresent() ? refill.get().integer(1, MAX_COUNT) : capacity;
    return refilled.flatMap(
        amount -> both(capacity, period, (held, time) -> new TokenBucket(held, amount, time)));
  }

  private static Optional<Algorithm> calendar(Fields fields) {
    Optional<Long> limit = count(fields, "limit");
    Optional<CalendarPeriod> period =
        fields.required("period").flatMap(node -> node.choice(CalendarPeriod.class));
    Optional<Node> named = fields.node("zone");
    Optional<ZoneId> zone =
        named.isPresent() ? named.get().convert(LimitReader::zone) : Optional.of(ZoneOffset.UTC);
    return limit.flatMap(
        count -> period.flatMap(unit -> zone.map(where -> new CalendarQuota(count, unit, where))));
  }

  private static ZoneId zone(String name) {
    try {
      return RateWords.zone(name);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "zone (expected: a time zone such as Europe/Paris or UTC)", e);
    }
  }

  private static Optional<Algorithm> concurrency(Fields fields) {
    Optional<Long> limit = count(fields, "limit");
    Optional<Node> given = fields.node("expiry");
    Optional<Duration> expiry =
        given.isPresent()
            ? given.get().duration(SHORTEST, Duration.ofDays(1))
            : Optional.of(Duration.ofMinutes(1));
    return both(limit, expiry, Concurrency::new);
  }
}
