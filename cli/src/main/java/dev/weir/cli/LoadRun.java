// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.core.TimeSource;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries a plan out on one thread.
 *
 * <p>In an open loop a request falls due at its time whatever became of those before it, and its
 * latency counts from then, also where all connections were busy: a server that stalls cannot hide
 * the requests that it kept from being sent.
 */
final class LoadRun {

  /** How the run stands, once a second and at the end. */
  record Standing(double seconds, Tally lastSecond, Tally total) {}

  private static final String CONNECT = "connect";
  private static final long SECOND = 1_000_000;
  private static final long SWEEP_MICROS = 50_000;
  // Below this the selector's milliseconds are too coarse to wait by.
  private static final long SPIN_MICROS = 2_000;
  private static final long REST_AFTER_REFUSAL_MICROS = 100_000;

  private final LoadPlan plan;
  private final TimeSource time;
  private final Consumer<Standing> watcher;
  private final Tally total = new Tally();
  private final Tally recent = new Tally();
  private final List<LoadConnection> connections = new ArrayList<>();
  private final Deque<LoadConnection> idle = new ArrayDeque<>();
  private final Consumer<SelectionKey> onReady = this::ready;
  private final byte @Nullable [] constant;
  private final long timeoutMicros;
  private volatile boolean stopped;
  private int inFlight;
  private long next;
  private long start;
  private long now;
  private long restUntil;

  /**
   * @param watcher is told once a second
   */
  LoadRun(LoadPlan plan, TimeSource time, Consumer<Standing> watcher) {
    this.plan = plan;
    this.time = time;
    this.watcher = watcher;
    this.constant = plan.request().constant() ? plan.request().render(plan.keys()) : null;
    this.timeoutMicros = plan.timeout().toNanos() / 1_000;
  }

  /** Ends the run soon; any thread may call it. */
  void stop() {
    stopped = true;
  }

  /** Runs to the end and reports. */
  LoadReport run(InetSocketAddress address) throws IOException {
    try (Selector selector = Selector.open()) {
      start = time.micros();
      now = start;
      loop(address, selector);
      connections.forEach(LoadConnection::close);
    }
    total.add(recent);
    double seconds = Math.max(1, now - start) / 1e6;
    return new LoadReport(plan, seconds, total, unsent(), stopped);
  }

  private void loop(InetSocketAddress address, Selector selector) throws IOException {
    long end = start + plan.durationMicros();
    long sweepAt = start + SWEEP_MICROS;
    long tellAt = start + SECOND;
    boolean sending = true;
    while (!stopped) {
      if (sending) {
        sendWhatIsDue(address, selector);
        sending = now < end && next < plan.total();
      }
      if (!sending && inFlight == 0) {
        return;
      }
      await(selector, sending, Math.min(end, sweepAt));
      now = time.micros();
      if (now >= sweepAt) {
        sweep();
        sweepAt = now + SWEEP_MICROS;
      }
      if (now >= tellAt) {
        tell();
        tellAt += SECOND;
      }
    }
  }

  private void sendWhatIsDue(InetSocketAddress address, Selector selector) {
    long due = plan.dueBy(now - start);
    while (next < due && now >= restUntil) {
      LoadConnection free = free(address, selector);
      if (free == null) {
        return;
      }
      send(free);
    }
  }

  private @Nullable LoadConnection free(InetSocketAddress address, Selector selector) {
    LoadConnection free = idle.pollFirst();
    if (free == null && connections.size() < plan.concurrency()) {
      free = new LoadConnection(address, selector);
      connections.add(free);
    }
    return free;
  }

  private void send(LoadConnection connection) {
    byte[] request = constant != null ? constant : plan.request().render(plan.keys());
    long due = plan.rate().isPresent() ? start + plan.dueMicros(next) : now;
    next++;
    inFlight++;
    recent.sent();
    try {
      connection.send(request, plan.request().isHead(), due, now);
    } catch (IOException e) {
      fail(connection, kind(e));
    }
  }

  private void await(Selector selector, boolean sending, long latest) throws IOException {
    long until = latest;
    boolean canSend = !idle.isEmpty() || connections.size() < plan.concurrency();
    if (sending && canSend) {
      until = Math.min(latest, Math.max(restUntil, start + plan.dueMicros(next)));
    }
    long wait = until - now;
    if (wait <= SPIN_MICROS) {
      selector.selectNow(onReady);
    } else {
      selector.select(onReady, (wait - 1_000) / 1_000);
    }
  }

  private void ready(SelectionKey key) {
    LoadConnection connection = (LoadConnection) key.attachment();
    try {
      if (connection.ready()) {
        complete(connection);
      } else if (connection.closed() && connection.busy()) {
        fail(connection, "closed");
      }
    } catch (IOException e) {
      failOrDrop(connection, kind(e));
    } catch (ResponseReader.BadResponseException e) {
      failOrDrop(connection, "bad response");
    }
  }

  private void complete(LoadConnection connection) {
    now = time.micros();
    ResponseReader response = connection.response();
    long took = now - connection.dueMicros();
    int status = response.status();
    VerdictScanner verdicts = response.verdicts();
    int judged = verdicts.allowed() + verdicts.denied();
    if (status == 429) {
      recent.answer(took, 0, plan.request().checks());
    } else if (status < 200 || status > 299) {
      recent.refused(took, status);
    } else if (judged == 0) {
      recent.answer(took, plan.request().checks(), 0);
    } else {
      recent.answer(took, verdicts.allowed(), verdicts.denied());
    }
    connection.finish();
    release(connection);
  }

  private void release(LoadConnection connection) {
    inFlight--;
    idle.addFirst(connection);
  }

  private void failOrDrop(LoadConnection connection, String kind) {
    if (connection.busy()) {
      fail(connection, kind);
    } else {
      connection.close();
    }
  }

  private void fail(LoadConnection connection, String kind) {
    recent.error(kind);
    connection.abandon();
    release(connection);
    if (kind.equals(CONNECT)) {
      // Else a server that is away would be asked a million times a second.
      restUntil = time.micros() + REST_AFTER_REFUSAL_MICROS;
    }
  }

  private static String kind(IOException error) {
    if (error instanceof ConnectException) {
      return CONNECT;
    }
    String message = String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("reset") || message.contains("broken pipe") ? "reset" : "io";
  }

  private void sweep() {
    for (LoadConnection connection : connections) {
      if (connection.busy() && now - connection.startedMicros() > timeoutMicros) {
        recent.timeout(now - connection.dueMicros());
        connection.abandon();
        release(connection);
      }
    }
  }

  private void tell() {
    total.add(recent);
    watcher.accept(new Standing((now - start) / 1e6, recent, total));
    recent.clear();
  }

  /** Requests of an open loop that fell due and were not sent. */
  private long unsent() {
    if (plan.rate().isEmpty()) {
      return 0;
    }
    return Math.max(0, plan.dueBy(Math.min(now - start, plan.durationMicros())) - next);
  }
}
