// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/**
 * A store's answer to one charge.
 *
 * @param outcome how the charge itself was judged
 * @param amount permits that changed hands: taken, recorded, given back or held; 0 if none
 * @param remaining whole permits left, floored, never negative (R5)
 * @param retryAfterMicros time after which the same charge alone would be admitted, exact to the
 *     tick (R6); 0 unless the outcome is {@link Outcome#DENIED}
 * @param resetAfterMicros time after which the key is as if never used (R7)
 * @param mark the window or tick of the charge, for its receipt
 * @param micros the store's time
 * @param clockStepped whether a stored time lay too far in the future and was repaired (R9)
 */
public record Verdict(
    Outcome outcome,
    long amount,
    long remaining,
    long retryAfterMicros,
    long resetAfterMicros,
    long mark,
    long micros,
    boolean clockStepped) {

  /** How a charge was judged. A charge that would be admitted takes nothing if its check fails. */
  public enum Outcome {
    /** There is room for the whole cost. */
    ADMITTED,
    /** There is not, now. */
    DENIED,
    /** There never will be: the cost exceeds what the limit can hold (R8). */
    TOO_BIG,
    /** A record that was cut at the greatest debt (R12). */
    CLIPPED;

    /** Whether the charge denies its check. */
    public boolean denies() {
      return this == DENIED || this == TOO_BIG;
    }
  }

  /** The same verdict of a charge that took nothing, because its check failed or it is a shadow. */
  Verdict withoutCharge(long remaining, long resetAfterMicros) {
    return new Verdict(
        outcome, 0, remaining, retryAfterMicros, resetAfterMicros, mark, micros, clockStepped);
  }
}
