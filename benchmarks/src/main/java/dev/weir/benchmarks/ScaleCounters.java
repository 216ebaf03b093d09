// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

/**
 * What a fleet counted up to a moment, or between two.
 *
 * @param decisions of all instances
 * @param checks that calls to Redis carried
 * @param calls to Redis
 * @param roundTripSeconds of all calls together
 * @param failures checks that Redis did not judge
 * @param commands that Redis executed, those inside scripts included
 * @param reads times that Redis read from a connection
 * @param sleeps times that a thread of an instance had nothing to do
 * @param redisBytes that Redis received and sent
 * @param loopbackBytes that all processes of the machine sent one another
 */
record ScaleCounters(
    double decisions,
    double checks,
    double calls,
    double roundTripSeconds,
    double failures,
    double commands,
    double reads,
    double sleeps,
    double redisBytes,
    double loopbackBytes) {

  ScaleCounters minus(ScaleCounters other) {
    return new ScaleCounters(
        decisions - other.decisions,
        checks - other.checks,
        calls - other.calls,
        roundTripSeconds - other.roundTripSeconds,
        failures - other.failures,
        commands - other.commands,
        reads - other.reads,
        sleeps - other.sleeps,
        redisBytes - other.redisBytes,
        loopbackBytes - other.loopbackBytes);
  }
}
