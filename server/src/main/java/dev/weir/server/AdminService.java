// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.core.RateLimiter;
import dev.weir.core.TimeSource;
import dev.weir.server.admin.AdminApi;
import dev.weir.server.admin.AdminSettings;
import dev.weir.server.admin.Administration;
import dev.weir.server.admin.Administrators;
import dev.weir.server.admin.Running;
import dev.weir.server.control.LoadStates;
import dev.weir.server.control.PolicyVersions;
import dev.weir.server.dashboard.PageFiles;
import dev.weir.server.dashboard.Pages;
import dev.weir.server.live.LiveService;
import dev.weir.server.metrics.TopKeys;
import dev.weir.server.wire.FrontEnd;
import dev.weir.server.wire.LoginFailures;
import dev.weir.server.wire.SecurityLog;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** The administration of a server, if any of its listeners serves it. */
final class AdminService implements AutoCloseable {

  /** What decisions are made by, and what is known of them. */
  record Decisions(
      PoliciesInForce policies, LoadStates states, PolicyVersions versions, TopKeys topKeys) {}

  private static final long KNOWN_SECONDS = 3;
  private static final long AGAIN_MILLIS = 2_000;

  private final Vertx vertx;
  private final LoginFailures failures;
  private final LiveService live;
  private final Administration administration;
  private final PageFiles pages;

  /**
   * @param limits makes a limiter of some policies over the store of the limits
   * @param told takes the text that tells a token that was just made
   */
  AdminService(
      Configuration configuration,
      IdentityService identities,
      RateLimiter.Builder limits,
      Decisions decisions,
      Running running,
      LiveService live,
      SecurityLog security,
      Consumer<String> told,
      TimeSource time,
      Vertx vertx) {
    this.vertx = vertx;
    this.failures = LoginFailures.of(limits, "admin");
    this.live = live;
    Administrators administrators =
        Administrators.of(configuration.administration(), identities.records(), time, told);
    this.administration =
        new Administration(
            configuration.administration(),
            administrators,
            failures,
            security,
            identities.records(),
            identities.callers(),
            decisions.policies(),
            decisions.policies()::catalog,
            decisions.states(),
            decisions.versions(),
            decisions.topKeys(),
            running,
            live.streams(administrators),
            time,
            task ->
                vertx.executeBlocking(
                    () -> {
                      task.run();
                      return task;
                    },
                    false));
    this.pages = new PageFiles(administration.workers());
  }

  /** Waits until it is known who may administer, but not for long: limits go on without that. */
  void await() {
    Administrators all = administration.administrators();
    if (all.known()) {
      return;
    }
    try {
      if (all.make().toCompletableFuture().get(KNOWN_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (ExecutionException | TimeoutException e) {
      // Asked for again below; until then nobody is let in.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    vertx.setPeriodic(
        AGAIN_MILLIS,
        timer -> {
          if (all.known()) {
            vertx.cancelTimer(timer);
          } else {
            var unused = all.make();
          }
        });
  }

  /** What serves it on a listener. */
  List<FrontEnd> frontEnds(Listener listener) {
    AdminApi.Place place = new AdminApi.Place(listener.name(), listener.clients()::of);
    List<FrontEnd> frontEnds = new ArrayList<>();
    if (listener.serves().contains(Surface.ADMIN)) {
      frontEnds.add(AdminApi.of(administration, place));
      if (administration.settings().dashboard()) {
        frontEnds.add(new Pages(pages));
      }
    }
    if (listener.serves().contains(Surface.ADMIN) || listener.serves().contains(Surface.ADMIN_E)) {
      frontEnds.add(AdminApi.ofProfileE(administration, place));
    }
    return frontEnds;
  }

  /** Takes who may administer from now on. */
  void configure(AdminSettings settings) {
    administration.administrators().configure(settings);
  }

  /** What can be asked of it. */
  List<String> operations() {
    return AdminApi.operations(administration);
  }

  /** Begins what it does by itself; the server listens. */
  void start() {
    live.start();
  }

  /** Ends answers that would go on for ever. */
  void drain() {
    administration.live().drain();
  }

  @Override
  public void close() {
    live.close();
    failures.close();
  }
}
