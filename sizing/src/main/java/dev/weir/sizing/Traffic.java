// SPDX-License-Identifier: Apache-2.0
package dev.weir.sizing;

/**
 * What one decision brings with it, on the average.
 *
 * @param frontEnd how instances are asked
 * @param batch checks in a request
 * @param limits of the policy that decides, all on one key
 * @param checks that go to Redis
 * @param purchases of leased permits, and returns
 * @param shards of Redis; 0 for none, 1 for a single server, more for a cluster
 * @param roundChecks checks and purchases that an instance's event loop sends a shard at once
 */
public record Traffic(
    FrontEnd frontEnd,
    int batch,
    int limits,
    double checks,
    double purchases,
    int shards,
    double roundChecks) {

  /* Charges in a call of take.lua. */
  private static final int CALL_CHARGES = 128;

  /** Writes to shards. */
  public double rounds() {
    return shards == 0 ? 0 : (checks + purchases) / roundChecks;
  }

  /**
   * Checks and purchases in a round. Purchases come in bursts, since leases that were bought
   * together end together.
   *
   * @param inFlight checks between an event loop and a shard for which no answer has come
   * @param purchasesInFlight purchases there
   * @param gathering the share of those in flight that a round carries
   */
  public static double inRound(
      double inFlight,
      double purchasesInFlight,
      double gathering,
      Coefficients coefficients,
      int limits) {
    double bursts = 1 + coefficients.of(Coefficient.GATHERING_PURCHASES) * purchasesInFlight;
    return Math.min(Math.max(gathering * inFlight, bursts), mostInRound(limits));
  }

  /** The most checks in a round: a script call carries so many charges. */
  public static double mostInRound(int limits) {
    return Math.max(1, CALL_CHARGES / limits);
  }
}
