// SPDX-License-Identifier: Apache-2.0
package dev.weir.sizing;

import static dev.weir.sizing.Coefficient.BYTES_CALL;
import static dev.weir.sizing.Coefficient.BYTES_CHECK;
import static dev.weir.sizing.Coefficient.BYTES_GRPC;
import static dev.weir.sizing.Coefficient.BYTES_HTTP;
import static dev.weir.sizing.Coefficient.BYTES_STORE;
import static dev.weir.sizing.Coefficient.INSTANCE_CALL;
import static dev.weir.sizing.Coefficient.INSTANCE_CHECK;
import static dev.weir.sizing.Coefficient.INSTANCE_GRPC;
import static dev.weir.sizing.Coefficient.INSTANCE_HTTP;
import static dev.weir.sizing.Coefficient.INSTANCE_LIMIT;
import static dev.weir.sizing.Coefficient.INSTANCE_PURCHASE;
import static dev.weir.sizing.Coefficient.INSTANCE_ROUND;
import static dev.weir.sizing.Coefficient.INSTANCE_STORE;
import static dev.weir.sizing.Coefficient.REDIS_CALL;
import static dev.weir.sizing.Coefficient.REDIS_CHECK;
import static dev.weir.sizing.Coefficient.REDIS_LIMIT;
import static dev.weir.sizing.Coefficient.REDIS_PURCHASE;
import static dev.weir.sizing.Coefficient.REDIS_ROUND;

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
   * The cost of a decision: a sum of coefficients, each as often as its part of the work is done.
   */
  public static Cost of(Traffic traffic, Coefficients coefficients) {
    return new Cost(
        sum(instanceParts(traffic), coefficients),
        sum(redisParts(traffic), coefficients),
        sum(clientByteParts(traffic), coefficients),
        sum(redisByteParts(traffic), coefficients));
  }

  private static double sum(Map<Coefficient, Double> parts, Coefficients coefficients) {
    double sum = 0;
    for (Map.Entry<Coefficient, Double> part : parts.entrySet()) {
      sum += coefficients.of(part.getKey()) * part.getValue();
    }
    return sum;
  }

  /** How often each part of an instance's work is done for a decision. */
  public static Map<Coefficient, Double> instanceParts(Traffic traffic) {
    Map<Coefficient, Double> parts = new EnumMap<>(Coefficient.class);
    parts.put(
        traffic.frontEnd() == FrontEnd.GRPC ? INSTANCE_GRPC : INSTANCE_HTTP, 1.0 / traffic.batch());
    parts.put(INSTANCE_CHECK, 1.0);
    parts.put(INSTANCE_LIMIT, traffic.limits() - 1.0);
    parts.put(INSTANCE_STORE, traffic.checks());
    parts.put(INSTANCE_PURCHASE, traffic.purchases());
    parts.put(INSTANCE_CALL, traffic.calls());
    parts.put(INSTANCE_ROUND, traffic.rounds());
    return parts;
  }

  /** How often each part of Redis's work is done for a decision. */
  public static Map<Coefficient, Double> redisParts(Traffic traffic) {
    Map<Coefficient, Double> parts = new EnumMap<>(Coefficient.class);
    parts.put(REDIS_CHECK, traffic.checks());
    parts.put(REDIS_LIMIT, traffic.checks() * (traffic.limits() - 1));
    parts.put(REDIS_PURCHASE, traffic.purchases());
    parts.put(REDIS_CALL, traffic.calls());
    parts.put(REDIS_ROUND, traffic.rounds());
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
    parts.put(BYTES_CALL, traffic.calls());
    return parts;
  }
}
