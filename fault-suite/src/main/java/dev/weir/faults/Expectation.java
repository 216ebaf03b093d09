// SPDX-License-Identifier: Apache-2.0
package dev.weir.faults;

import java.time.Duration;
import java.util.Set;

/**
 * What is promised of a fault.
 *
 * @param redisKeepsWrites whether Redis itself keeps what it answered; if not, what was answered
 *     before the fault ended may be lost (R25)
 * @param answersArrive whether answers that are late arrive at all, so that what was charged to a
 *     denied caller is given back (R22)
 * @param storeServes whether the store answers every check all the time
 * @param victims keys that a fault breaks by itself: the store does not judge them while it lasts,
 *     and nothing else is expected of them
 * @param clockSteps how often the server's clock is set back, each of which may give away one
 *     capacity (R9)
 * @param mayGoUnnoticed whether it is over so soon that perhaps no check meets it
 * @param deadline the store's
 * @param tolerance how much later than the deadline an answer may come
 */
record Expectation(
    boolean redisKeepsWrites,
    boolean answersArrive,
    boolean storeServes,
    Set<Told.Key> victims,
    int clockSteps,
    boolean mayGoUnnoticed,
    Duration deadline,
    Duration tolerance) {

  Expectation {
    victims = Set.copyOf(victims);
  }

  /** A fault during which nothing is lost and every answer comes in the end. */
  static Expectation of(Duration deadline, Duration tolerance) {
    return new Expectation(true, true, false, Set.of(), 0, false, deadline, tolerance);
  }

  Expectation redisLosesWrites() {
    return new Expectation(
        false, false, storeServes, victims, clockSteps, mayGoUnnoticed, deadline, tolerance);
  }

  Expectation answersAreLost() {
    return new Expectation(
        redisKeepsWrites,
        false,
        storeServes,
        victims,
        clockSteps,
        mayGoUnnoticed,
        deadline,
        tolerance);
  }

  Expectation storeKeepsServing() {
    return new Expectation(
        redisKeepsWrites,
        answersArrive,
        true,
        victims,
        clockSteps,
        mayGoUnnoticed,
        deadline,
        tolerance);
  }

  Expectation clockSteps(int count) {
    return new Expectation(
        redisKeepsWrites,
        answersArrive,
        storeServes,
        victims,
        count,
        mayGoUnnoticed,
        deadline,
        tolerance);
  }

  Expectation exceptFor(Told.Key victim) {
    return new Expectation(
        redisKeepsWrites,
        answersArrive,
        storeServes,
        Set.of(victim),
        clockSteps,
        mayGoUnnoticed,
        deadline,
        tolerance);
  }

  Expectation passesQuickly() {
    return new Expectation(
        redisKeepsWrites,
        answersArrive,
        storeServes,
        victims,
        clockSteps,
        true,
        deadline,
        tolerance);
  }
}
