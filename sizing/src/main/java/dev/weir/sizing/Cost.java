// SPDX-License-Identifier: Apache-2.0
package dev.weir.sizing;

import static dev.weir.sizing.Coefficient.BYTES_CHECK;
import static dev.weir.sizing.Coefficient.BYTES_GRPC;
import static dev.weir.sizing.Coefficient.BYTES_HTTP;
import static dev.weir.sizing.Coefficient.BYTES_ROUND;
import static dev.weir.sizing.Coefficient.BYTES_STORE;
import static dev.weir.sizing.Coefficient.INSTANCE_CHECK;
import static dev.weir.sizing.Coefficient.INSTANCE_GRPC;
import static dev.weir.sizing.Coefficient.INSTANCE_HTTP;
import static dev.weir.sizing.Coefficient.INSTANCE_LIMIT;
import static dev.weir.sizing.Coefficient.INSTANCE_PURCHASE;
import static dev.weir.sizing.Coefficient.INSTANCE_ROUND;
import static dev.weir.sizing.Coefficient.INSTANCE_STORE;
import static dev.weir.sizing.Coefficient.INSTANCE_WAKE;
import static dev.weir.sizing.Coefficient.REDIS_BUYING;
import static dev.weir.sizing.Coefficient.REDIS_CHECK;
import static dev.weir.sizing.Coefficient.REDIS_LIMIT;
import static dev.weir.sizing.Coefficient.REDIS_PURCHASE;
import static dev.weir.sizing.Coefficient.REDIS_ROUND;
import static dev.weir.sizing.Coefficient.REDIS_WAKE;

import java.util.EnumMap;
import java.util.Map;

/**
 * What one decision costs.
 *
 * @param instanceMicros of an instance's processor
 * @param redisMicros of Redis's processor
 * @param clientBytes between client and instance, both ways
 * @param redisBytes between instance and Redis, both ways
 */
public record Cost(
    double instanceMicros, double redisMicros, double clientBytes, double redisBytes) {

  /**
   * The cost of a decision on processors that have no time to sleep: a sum of coefficients, each as
   * often as its part of the work is done.
   */
  public static Cost of(Traffic traffic, Coefficients coefficients) {
    return new Cost(
        sum(instanceParts(traffic, 0), coefficients),
        sum(redisParts(traffic, 0), coefficients),
        sum(clientByteParts(traffic), coefficients),
        sum(redisByteParts(traffic), coefficients));
  }

  /**
   * The cost of a decision at a rate: rounds that find a processor asleep wake it, and it is asleep
   * for the time that it does not work.
   *
   * @param perLoop decisions a second of each event loop of an instance
   * @param perShard decisions a second of each shard
   */
  public static Cost at(
      Traffic traffic, Coefficients coefficients, double perLoop, double perShard) {
    return new Cost(
        waking(
            sum(instanceParts(traffic, 0), coefficients),
            sum(instanceParts(traffic, 1), coefficients),
            perLoop),
        waking(
            sum(redisParts(traffic, 0), coefficients),
            sum(redisParts(traffic, 1), coefficients),
            perShard),
        sum(clientByteParts(traffic), coefficients),
        sum(redisByteParts(traffic), coefficients));
  }

  /* Between the cost awake and that asleep, by the share of time that this cost at this rate leaves. */
  private static double waking(double awake, double asleep, double perSecond) {
    double wakes = asleep - awake;
    double cost = asleep / (1 + wakes * perSecond / 1e6);
    return Math.max(awake, cost);
  }

  private static double sum(Map<Coefficient, Double> parts, Coefficients coefficients) {
    double sum = 0;
    for (Map.Entry<Coefficient, Double> part : parts.entrySet()) {
      sum += coefficients.of(part.getKey()) * part.getValue();
    }
    return sum;
  }

  /**
   * How often each part of an instance's work is done for a decision.
   *
   * @param asleep the share of answers that find it asleep, 0..1
   */
  public static Map<Coefficient, Double> instanceParts(Traffic traffic, double asleep) {
    Map<Coefficient, Double> parts = new EnumMap<>(Coefficient.class);
    parts.put(
        traffic.frontEnd() == FrontEnd.GRPC ? INSTANCE_GRPC : INSTANCE_HTTP, 1.0 / traffic.batch());
    parts.put(INSTANCE_CHECK, 1.0);
    parts.put(INSTANCE_LIMIT, traffic.limits() - 1.0);
    parts.put(INSTANCE_STORE, traffic.checks());
    parts.put(INSTANCE_PURCHASE, traffic.purchases());
    parts.put(INSTANCE_ROUND, traffic.rounds());
    parts.put(INSTANCE_WAKE, traffic.rounds() * asleep);
    return parts;
  }

  /**
   * How often each part of Redis's work is done for a decision.
   *
   * @param asleep the share of rounds that find it asleep, 0..1
   */
  public static Map<Coefficient, Double> redisParts(Traffic traffic, double asleep) {
    Map<Coefficient, Double> parts = new EnumMap<>(Coefficient.class);
    parts.put(REDIS_CHECK, traffic.checks());
    parts.put(REDIS_LIMIT, traffic.checks() * (traffic.limits() - 1));
    parts.put(REDIS_PURCHASE, traffic.purchases());
    parts.put(REDIS_ROUND, traffic.rounds());
    parts.put(REDIS_BUYING, Math.min(traffic.rounds(), traffic.purchases()));
    parts.put(REDIS_WAKE, traffic.rounds() * asleep);
    return parts;
  }

  /** What a decision takes to and from its client. */
  public static Map<Coefficient, Double> clientByteParts(Traffic traffic) {
    Map<Coefficient, Double> parts = new EnumMap<>(Coefficient.class);
    parts.put(traffic.frontEnd() == FrontEnd.GRPC ? BYTES_GRPC : BYTES_HTTP, 1.0 / traffic.batch());
    parts.put(BYTES_CHECK, 1.0);
    return parts;
  }

  /** What a decision takes to and from Redis. */
  public static Map<Coefficient, Double> redisByteParts(Traffic traffic) {
    Map<Coefficient, Double> parts = new EnumMap<>(Coefficient.class);
    parts.put(BYTES_STORE, traffic.checks() + traffic.purchases());
    parts.put(BYTES_ROUND, traffic.rounds());
    return parts;
  }
}
