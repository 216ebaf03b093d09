// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import static java.util.Objects.requireNonNull;

import dev.weir.core.RateLimiter;
import dev.weir.core.TimeSource;
import dev.weir.policy.PolicyCatalog;
import dev.weir.records.RecordStore;
import dev.weir.server.control.LoadStates;
import dev.weir.server.control.PolicyVersions;
import dev.weir.server.identity.Callers;
import dev.weir.server.metrics.TopKeys;
import dev.weir.server.wire.LoginFailures;
import dev.weir.server.wire.SecurityLog;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Everything that is administered. Safe for use by any thread.
 *
 * @param settings what is configured of the administration itself
 * @param administrators who may administer
 * @param failures counts wrong tokens
 * @param security hears of wrong tokens
 * @param records where changes are kept
 * @param callers users, their keys, and bans
 * @param limiter gives the limiter in force
 * @param catalog gives the policies in force, in every load state
 * @param states the load state of the system
 * @param policies the policies that were put in force
 * @param topKeys the keys that are denied and used most
 * @param running the process around
 * @param live tells how it is doing
 * @param time the clock
 * @param workers runs what may block
 */
public record Administration(
    AdminSettings settings,
    Administrators administrators,
    LoginFailures failures,
    SecurityLog security,
    RecordStore records,
    Callers callers,
    Supplier<RateLimiter> limiter,
    Supplier<PolicyCatalog> catalog,
    LoadStates states,
    PolicyVersions policies,
    TopKeys topKeys,
    Running running,
    LiveStreams live,
    TimeSource time,
    Executor workers) {

  public Administration {
    requireNonNull(settings, "settings");
    requireNonNull(administrators, "administrators");
    requireNonNull(failures, "failures");
    requireNonNull(security, "security");
    requireNonNull(records, "records");
    requireNonNull(callers, "callers");
    requireNonNull(limiter, "limiter");
    requireNonNull(catalog, "catalog");
    requireNonNull(states, "states");
    requireNonNull(policies, "policies");
    requireNonNull(topKeys, "topKeys");
    requireNonNull(running, "running");
    requireNonNull(live, "live");
    requireNonNull(time, "time");
    requireNonNull(workers, "workers");
  }

  long nowMillis() {
    return time.micros() / 1_000;
  }
}
