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

  private static final int SLOTS = 16_384;
  /* Charges in a call of take.lua, and calls in a round. */
  private static final int CALL_CHARGES = 128;
  private static final int ROUND_CALLS = 256;

  /** Writes to shards. */
  public double rounds() {
    return shards == 0 ? 0 : (checks + purchases) / roundChecks;
  }

  /**
   * Script calls: a single server takes all checks of a round in one, a cluster one for each slot.
   */
  public double calls() {
    double ofRound = shards <= 1 ? 1 : slotsHit((double) SLOTS / shards);
    // Purchases are another script's.
    double apart = shards == 1 && checks > 0 ? Math.min(purchases, rounds()) : 0;
    return rounds() * ofRound + apart;
  }

  /** The most checks in a round. */
  public static double mostInRound(int shards, int limits) {
    return shards <= 1 ? Math.max(1, CALL_CHARGES / limits) : ROUND_CALLS;
  }

  /* Of so many slots, how many a round's checks fall into when each is as likely. */
  private double slotsHit(double slots) {
    return slots * (1 - Math.pow(1 - 1 / slots, roundChecks));
  }
}
