// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import dev.weir.core.StoreException;
import dev.weir.core.StoreException.Category;
import dev.weir.core.TimeSource;
import dev.weir.core.Verdict;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.RedisCommand;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The checks on their way over one connection: gathers them into calls, keeps their deadlines, and
 * refuses new ones while Redis cannot be asked.
 *
 * <p>Any thread submits; a check is pushed on a stack by one CAS, and whoever found the stack empty
 * wakes the event loop. Everything else belongs to the loop. Calls are sent at once while fewer
 * than two rounds are under way, so that a lone check never waits; meanwhile the others gather.
 */
@SuppressWarnings("FutureReturnValueIgnored") // nothing waits for what is done for its effect
final class Lane {

  static final byte[] EVALSHA = "EVALSHA".getBytes(StandardCharsets.US_ASCII);

  private static final int MAX_ROUNDS = 2;
  private static final int SEND_EVERY = 64;
  private static final int MAX_RETURNS = 64;
  private static final long RETRY_MICROS = 1_000;

  /** What a lane cannot do by itself. */
  interface Router {

    /** Another node has the check's slot, or will have it; the answer says which. */
    void redirect(Check check, Lane from, String error);

    /** Finds out what the tags stand for, then submits the check again. */
    void learn(Check check, int[] tags);
  }

  /** Whoever keeps the lane's connection. */
  interface Keeper {

    /** The server is no primary any more. */
    void demoted();

    /** The oldest call has been under way for twice the timeout. */
    void stalled();
  }

  private final EventLoop loop;
  private final Router router;
  private final Settings settings;
  private Keeper keeper = new NoKeeper();

  // Written by the loop, read by any thread: why nothing can be asked now.
  private volatile @Nullable Refusal refusal = new Refusal("not connected to Redis yet");
  private final Inbox inbox;

  // The loop's own.
  private final Gathering gathering;
  // What is given back while Redis is too slow to be asked: sent when it can be again.
  private final ArrayDeque<Check> returns = new ArrayDeque<>();
  private final ArrayDeque<Round> rounds = new ArrayDeque<>();
  // Sent over connections that were given up: their checks still have deadlines.
  private final ArrayDeque<Round> abandoned = new ArrayDeque<>();
  private final Runnable pump = this::pump;
  private final Runnable expire = this::expire;
  private @Nullable StatefulRedisConnection<byte[], byte[]> connection;
  private long storeMicros = TimeSource.system().micros();
  private boolean pumping;
  private boolean answering;
  private int answered;
  private boolean loading;
  private boolean armed;

  /** What all lanes of a store share. */
  record Settings(
      long timeoutMicros,
      int maxWaiting,
      Batches batches,
      @Nullable TimeSource given,
      CallMeter meter) {

    Settings with(Batches other) {
      return new Settings(timeoutMicros, maxWaiting, other, given, meter);
    }
  }

  /** Which checks that only take may share a call. */
  enum Batches {
    /** All: there are no slots. */
    OF_SERVER,
    /** Those for keys of one node of a cluster. */
    OF_NODE,
    /** Those for keys of one slot of a cluster. */
    OF_SLOT;

    static Batches inCluster(RedisOptions.ClusterBatches wanted) {
      return switch (wanted) {
        case NODE -> OF_NODE;
        case SLOT -> OF_SLOT;
      };
    }
  }

  /** Why a check is refused: made once, since it may be given out a million times a second. */
  private static final class Refusal {
    final String reason;
    final CompletionStage<List<Verdict>> stage;

    Refusal(String reason) {
      this.reason = reason;
      this.stage = CompletableFuture.failedFuture(new StoreException(Category.UNAVAILABLE, reason));
    }
  }

  Lane(EventLoop loop, Router router, Settings settings) {
    this.loop = loop;
    this.router = router;
    this.settings = settings;
    this.inbox = new Inbox(settings.maxWaiting);
    this.gathering = new Gathering(this, settings.batches);
  }

  private static final class NoKeeper implements Keeper {
    @Override
    public void demoted() {}

    @Override
    public void stalled() {}
  }

  /** Before anything is submitted. */
  void keptBy(Keeper whom) {
    keeper = whom;
  }

  EventLoop loop() {
    return loop;
  }

  /** Why nothing can be asked now; null while it can. Any thread. */
  @Nullable CompletionStage<List<Verdict>> refused() {
    Refusal now = refusal;
    return now == null ? null : now.stage;
  }

  /** Takes a check on its way. Any thread. */
  void submit(Check check) {
    Inbox.Push pushed = inbox.push(check);
    if (pushed == Inbox.Push.FULL) {
      check.fail(Category.UNAVAILABLE, "too many checks wait for Redis");
    } else if (pushed == Inbox.Push.FIRST && !(loop.inEventLoop() && (pumping || answering))) {
      loop.execute(pump);
    }
  }

  /** The store's clock as last heard. */
  long storeMicros() {
    TimeSource given = settings.given;
    return given == null ? storeMicros : given.micros();
  }

  /** The time that scripts shall use, where that is not the server's. */
  byte @Nullable [] givenTime() {
    TimeSource given = settings.given;
    return given == null ? null : Long.toString(given.micros()).getBytes(StandardCharsets.US_ASCII);
  }

  long slackMillis() {
    return slackMillis(settings.given != null);
  }

  /** How long keys outlive their need; for long where time is what a test says it is. */
  static long slackMillis(boolean timeIsGiven) {
    return timeIsGiven ? 3_600_000 : 1_000;
  }

  long micros() {
    return TimeSource.elapsed().micros();
  }

  /** Begins to ask over a connection. */
  void open(StatefulRedisConnection<byte[], byte[]> opened) {
    abandon();
    connection = opened;
    refusal = null;
    pump();
  }

  /** Will ask over another connection to the same server, once it asks again. */
  void replace(StatefulRedisConnection<byte[], byte[]> opened) {
    abandoned.addAll(rounds);
    rounds.clear();
    connection = opened;
  }

  /** Asks again over the connection that it has. */
  void reopen() {
    if (connection != null) {
      refusal = null;
      sendReturns();
      pump();
    }
  }

  private void sendReturns() {
    long due = micros() + settings.timeoutMicros;
    for (Check check = returns.poll(); check != null; check = returns.poll()) {
      check.dueMicros = due;
      inbox.append(check);
    }
  }

  /* What is given back is worth another attempt: nobody waits for it, and it was not sent. */
  private void unsent(Check check) {
    if (check.givesBack && ++check.returns <= MAX_RETURNS) {
      returns.add(check);
    } else {
      check.fail(Category.TIMEOUT, "not sent before its deadline");
    }
  }

  /** Refuses checks from now on; those that wait unsent are told, those under way may yet be. */
  void refuse(String reason) {
    refusal = new Refusal(reason);
    failWaiting(reason);
  }

  private void failWaiting(String reason) {
    inbox.clear(
        check -> {
          if (check.givesBack && connection != null) {
            returns.add(check);
          } else {
            check.fail(Category.UNAVAILABLE, reason);
          }
        });
  }

  /** Forgets the connection; what is under way on it does not count any more. */
  void abandon() {
    connection = null;
    returns.forEach(check -> check.fail(Category.UNAVAILABLE, "the connection to Redis was lost"));
    returns.clear();
    abandoned.addAll(rounds);
    rounds.clear();
  }

  /**
   * One more caller has been answered. Callers who ask again at once are sent before the last of
   * their call is answered, or Redis would idle meanwhile.
   */
  void answeredOne() {
    if (++answered == SEND_EVERY) {
      answered = 0;
      pump();
    }
  }

  /** A call of so many checks was answered at this time of the store's. */
  void heard(long storeTime, long sentMicros, int checks) {
    settings.meter.answered(micros() - sentMicros, checks);
    storeMicros = storeTime;
    answering = true;
  }

  /** Queues checks whose limits have got their tags; fails the others if nothing more will come. */
  void tagged(WireLimit limit) {
    inbox.untagged(
        check -> {
          if (!limit.tagged() && check.needs(limit)) {
            check.fail(Category.UNAVAILABLE, "Redis could not register " + limit.id);
          } else {
            inbox.append(check);
          }
        });
    pump();
  }

  /** Sends a check again that was not executed. */
  void again(Check check) {
    if (check.over()) {
      check.fail(Category.TIMEOUT, "not executed before its deadline");
    } else if (++check.returns > MAX_RETURNS) {
      check.fail(Category.UNAVAILABLE, "Redis did not execute it in " + MAX_RETURNS + " attempts");
    } else {
      inbox.append(check);
    }
  }

  /** Sends it again in a moment. */
  void later(Check check) {
    loop.schedule(
        () -> {
          again(check);
          pump();
        },
        RETRY_MICROS,
        TimeUnit.MICROSECONDS);
  }

  void learn(Check check, int[] tags) {
    if (++check.returns > MAX_RETURNS) {
      check.fail(Category.CORRUPT, "its key holds states that nobody knows");
      return;
    }
    check.away = true;
    loop.schedule(
        () -> {
          if (check.away) {
            check.fail(Category.TIMEOUT, "not executed before its deadline");
          }
        },
        Math.max(0, check.dueMicros - micros()),
        TimeUnit.MICROSECONDS);
    router.learn(check, tags);
  }

  private void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    try {
      Refusal closed = refusal;
      if (closed != null) {
        failWaiting(closed.reason);
      }
      while (closed == null && rounds.size() < MAX_ROUNDS) {
        inbox.take();
        if (inbox.first() == null) {
          break;
        }
        send(gathering.gather(inbox));
      }
      inbox.count();
    } finally {
      pumping = false;
    }
    if (!armed) {
      arm(earliest());
    }
  }

  private void send(Round round) {
    StatefulRedisConnection<byte[], byte[]> current = connection;
    if (round.calls() == 0 || current == null) {
      return;
    }
    round.sent();
    rounds.add(round);
    loading = false;
    List<RedisCommand<byte[], byte[], ?>> commands = gathering.commands();
    if (commands.size() == 1) {
      current.dispatch(commands.getFirst());
    } else {
      current.dispatch(commands);
    }
  }

  void finished(Round round) {
    answering = false;
    if (round.done()) {
      if (!rounds.remove(round)) {
        abandoned.remove(round);
      }
      gathering.recycle(round);
    }
    pump();
  }

  /** Redis answered a call with an error: nothing of it was executed. */
  void refused(@Nullable Check head, String error, boolean several) {
    @Nullable Check check = head;
    while (check != null) {
      Check next = check.next;
      check.next = null;
      refused(check, Refusals.of(error), error, several);
      check = next;
    }
  }

  private void refused(Check check, Refusals kind, String error, boolean several) {
    switch (kind) {
      case NO_SCRIPT -> {
        load();
        again(check);
      }
      case MOVED -> router.redirect(check, this, error);
      case ASK -> router.redirect(check, this, error);
      case TRY_AGAIN -> {
        check.alone = true;
        if (several) {
          again(check);
        } else {
          later(check);
        }
      }
      case DEMOTED -> {
        check.fail(Category.UNAVAILABLE, error);
        keeper.demoted();
      }
      case FULL -> check.fail(Category.FULL, error);
      case OTHER -> check.fail(Category.UNAVAILABLE, error);
    }
  }

  /** Loads the scripts; what is sent after it on the connection finds them. */
  private void load() {
    StatefulRedisConnection<byte[], byte[]> current = connection;
    if (current != null && !loading) {
      loading = true;
      Scripts.ALL.forEach(script -> current.async().scriptLoad(script));
    }
  }

  /** The connection went away under a call, which may have been executed (R22). */
  void lost(@Nullable Check head) {
    @Nullable Check check = head;
    while (check != null) {
      Check next = check.next;
      check.next = null;
      check.fail(Category.TIMEOUT, "the connection to Redis was lost before its answer");
      check = next;
    }
  }

  static long expireSent(@Nullable Check head, long nowMicros) {
    long earliest = Long.MAX_VALUE;
    for (Check check = head; check != null; check = check.next) {
      if (!check.over()) {
        if (check.dueMicros <= nowMicros) {
          check.expireSent();
        } else {
          earliest = Math.min(earliest, check.dueMicros);
        }
      }
    }
    return earliest;
  }

  private void expire() {
    armed = false;
    pumping = true;
    long earliest = Long.MAX_VALUE;
    try {
      long now = micros();
      for (Round round : rounds) {
        earliest = Math.min(earliest, round.expire(now));
      }
      for (Round round : abandoned) {
        earliest = Math.min(earliest, round.expire(now));
      }
      inbox.expire(now, this::unsent);
      if (refusal == null) {
        sendReturns();
      }
      Round oldest = rounds.peek();
      if (oldest != null) {
        long stall = oldest.sentMicros + 2 * settings.timeoutMicros;
        if (stall <= now) {
          keeper.stalled();
        } else {
          earliest = Math.min(earliest, stall);
        }
      }
    } finally {
      pumping = false;
    }
    pump();
    if (!armed) {
      arm(Math.min(earliest, inbox.earliest()));
    }
  }

  /* A round's own deadline is no later than its sending and the timeout. */
  private long earliest() {
    Round oldest = rounds.peek();
    long ofRound = oldest == null ? Long.MAX_VALUE : oldest.expire(Long.MIN_VALUE);
    return Math.min(ofRound, inbox.earliest());
  }

  private void arm(long dueMicros) {
    if (dueMicros != Long.MAX_VALUE) {
      armed = true;
      loop.schedule(expire, Math.max(0, dueMicros - micros()), TimeUnit.MICROSECONDS);
    }
  }
}
