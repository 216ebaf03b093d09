// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import dev.weir.core.Mode;
import dev.weir.core.Reason;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What limits would have done. Immutable. Moments are microseconds since 1970-01-01T00:00:00Z.
 *
 * @param input what was read
 * @param results what became of the requests, under the policies and then under those they are
 *     compared with
 * @param comparison how the two differ, if there are two
 * @param series counts over time
 * @param seconds how long the replay took
 * @param interrupted whether it was stopped before the end of the logs
 */
public record SimulationReport(
    Input input,
    List<PolicyResult> results,
    Optional<Comparison> comparison,
    Series series,
    double seconds,
    boolean interrupted) {

  /**
   * What was read.
   *
   * @param logs the logs' names
   * @param lines lines that were not empty
   * @param requests requests that were judged
   * @param malformed lines that could not be used
   * @param examples some of them
   * @param skipped lines outside the span of time that was looked at
   * @param late requests that came too late to be put in order, and were judged later
   * @param latestMicros by how much at most
   * @param firstMicros the first request
   * @param lastMicros the last request
   * @param broken whether a log could not be read to its end
   * @param notes what else is to be known about the input
   */
  public record Input(
      List<String> logs,
      long lines,
      long requests,
      long malformed,
      List<Malformed> examples,
      long skipped,
      long late,
      long latestMicros,
      long firstMicros,
      long lastMicros,
      boolean broken,
      List<String> notes) {
    public Input {
      logs = List.copyOf(logs);
      examples = List.copyOf(examples);
      notes = List.copyOf(notes);
    }
  }

  /**
   * What became of the requests under one set of policies.
   *
   * @param name the set's
   * @param requests requests judged
   * @param denied of them denied
   * @param reasons how many by the reason of their decision
   * @param firstMicros the first denial; nothing if there is none
   * @param lastMicros the last denial; nothing if there is none
   * @param limits by limit, in the order of the policies
   * @param keys keys that were denied most, at most as many as were asked for
   * @param keysDenied keys that were denied and are counted
   * @param forgotten denials of keys that were forgotten at the bound on keys
   * @param mayLack what the count of a key lacks at most, because it was forgotten before
   */
  public record PolicyResult(
      String name,
      long requests,
      long denied,
      Map<Reason, Long> reasons,
      Optional<Long> firstMicros,
      Optional<Long> lastMicros,
      List<LimitResult> limits,
      List<KeyResult> keys,
      long keysDenied,
      long forgotten,
      long mayLack) {
    public PolicyResult {
      reasons = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(reasons));
      limits = List.copyOf(limits);
      keys = List.copyOf(keys);
    }
  }

  /**
   * What one limit did.
   *
   * @param policy the full name of its policy
   * @param limit its name
   * @param rate in plain words, before overrides
   * @param mode enforced, shadow or quota
   * @param judged charges it was asked about
   * @param over those for which it had no room, whether that denied them or not
   * @param denied denials that it decided
   * @param firstMicros the first of these
   * @param lastMicros the last of these
   */
  public record LimitResult(
      String policy,
      String limit,
      String rate,
      Mode mode,
      long judged,
      long over,
      long denied,
      Optional<Long> firstMicros,
      Optional<Long> lastMicros) {}

  /**
   * Denials of one key.
   *
   * @param policy the full name of the policy
   * @param limit the limit that denied
   * @param key the values that it counts by
   * @param count denials
   * @param firstMicros the first
   * @param lastMicros the last
   */
  public record KeyResult(
      String policy,
      String limit,
      List<String> key,
      long count,
      long firstMicros,
      long lastMicros) {
    public KeyResult {
      key = List.copyOf(key);
    }

    /** The values as one text, fit to be shown. */
    public String text() {
      return key.isEmpty() ? "(everybody)" : Texts.printable(String.join(" ", key));
    }
  }

  /**
   * How two sets of policies differ.
   *
   * @param both requests that both deny
   * @param lost requests that only the other set denies
   * @param gained requests that only the first set denies
   * @param losing keys of the other set's limits that deny them
   * @param gaining keys of the first set's limits that deny them
   */
  public record Comparison(
      long both, long lost, long gained, List<KeyResult> losing, List<KeyResult> gaining) {
    public Comparison {
      losing = List.copyOf(losing);
      gaining = List.copyOf(gaining);
    }
  }

  /**
   * Counts over time.
   *
   * @param startMicros when the first bucket begins
   * @param widthMicros how long each is
   * @param requests by bucket
   * @param denied by result, then by bucket
   */
  public record Series(
      long startMicros, long widthMicros, List<Long> requests, List<List<Long>> denied) {
    public Series {
      requests = List.copyOf(requests);
      denied = List.copyOf(denied);
    }
  }

  public SimulationReport {
    results = List.copyOf(results);
  }
}
