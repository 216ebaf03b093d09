// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Gathers checks into requests and gives each its own answer. Safe for use by any thread. */
final class Batches {
  /*
   * A check waits for its window, or until a request is free to carry it, and then goes with all
   * that wait beside it. It counts as under way until its request has ended, not only until its
   * deadline: what a silent server holds is bounded, too.
   */

  /** What was refused as a whole, of which nothing was charged. */
  private static final int BAD_REQUEST = 400;

  private static final int TOO_LARGE = 413;
  private static final int OK = 200;
  private static final int MAX_RECEIPTS = 100;

  private static final class Pending {
    final Check check;
    final Duration deadline;
    final CompletableFuture<Answer> future = new CompletableFuture<>();
    volatile @Nullable Future<?> alarm;
    volatile boolean denied;

    Pending(Check check, Duration deadline) {
      this.check = check;
      this.deadline = deadline;
    }
  }

  private final WeirClient.Settings settings;
  private final Transport transport;
  private final ScheduledExecutorService timer;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();
  // Guarded by the lock.
  private final ArrayDeque<Pending> waiting = new ArrayDeque<>();
  private int underWay;
  private int requests;
  private boolean armed;
  private boolean closed;

  Batches(WeirClient.Settings settings, Transport transport, ScheduledExecutorService timer) {
    this.settings = settings;
    this.transport = transport;
    this.timer = timer;
  }

  CompletableFuture<Answer> submit(Check check, Duration deadline) {
    Trouble refusal = reserve();
    if (refusal != null) {
      return CompletableFuture.completedFuture(fallback(check, refusal));
    }
    Pending pending = new Pending(check, deadline);
    try {
      pending.alarm = timer.schedule(() -> late(pending), deadline.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      release(1);
      return CompletableFuture.completedFuture(fallback(check, Trouble.CLOSED));
    }
    lock.lock();
    try {
      waiting.add(pending);
    } finally {
      lock.unlock();
    }
    pump(settings.window().isZero());
    return pending.future;
  }

  private @Nullable Trouble reserve() {
    lock.lock();
    try {
      if (closed) {
        return Trouble.CLOSED;
      }
      if (underWay >= settings.maxUnderWay()) {
        return Trouble.OVERLOADED;
      }
      underWay++;
      return null;
    } finally {
      lock.unlock();
    }
  }

  private void release(int count) {
    lock.lock();
    try {
      underWay -= count;
      if (underWay == 0) {
        idle.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sends what may be sent.
   *
   * @param due whether what waits has waited long enough
   */
  private void pump(boolean due) {
    List<Pending> batch = take(due);
    while (!batch.isEmpty()) {
      send(batch);
      batch = take(due);
    }
  }

  private List<Pending> take(boolean due) {
    List<Pending> batch = new ArrayList<>();
    lock.lock();
    try {
      if (requests >= settings.connections()) {
        return batch;
      }
      if (!due && !closed && waiting.size() < settings.maxBatch()) {
        arm();
        return batch;
      }
      while (batch.size() < settings.maxBatch() && !waiting.isEmpty()) {
        Pending pending = waiting.remove();
        if (pending.future.isDone()) {
          underWay--;
        } else {
          batch.add(pending);
        }
      }
      if (!batch.isEmpty()) {
        requests++;
      } else if (underWay == 0) {
        idle.signalAll();
      }
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock. */
  private void arm() {
    if (!armed && !waiting.isEmpty()) {
      armed = true;
      var unused =
          timer.schedule(this::windowOver, settings.window().toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void windowOver() {
    lock.lock();
    try {
      armed = false;
    } finally {
      lock.unlock();
    }
    pump(true);
  }

  private void send(List<Pending> batch) {
    StringBuilder body = new StringBuilder("{\"checks\":[");
    Duration longest = Duration.ZERO;
    for (int i = 0; i < batch.size(); i++) {
      Pending pending = batch.get(i);
      pending.check.write(i == 0 ? body : body.append(','));
      longest = pending.deadline.compareTo(longest) > 0 ? pending.deadline : longest;
    }
    CompletableFuture<HttpResponse<String>> sent;
    try {
      sent =
          transport.post(
              "/v1/checks", body.append("]}").toString(), longest.plus(settings.patience()));
    } catch (RuntimeException e) {
      sent = CompletableFuture.failedFuture(e);
    }
    var unused = sent.whenComplete((answer, error) -> ended(batch, answer, error));
  }

  private void ended(
      List<Pending> batch, @Nullable HttpResponse<String> answer, @Nullable Throwable error) {
    if (answer == null) {
      Throwable cause = error == null ? new IllegalStateException("no answer") : error;
      failed(batch, Transport.trouble(cause), Transport.told(cause));
      finish(batch.size());
      return;
    }
    int status = answer.statusCode();
    if (status == OK) {
      read(batch, answer.body());
    } else if (batch.size() > 1 && (status == BAD_REQUEST || status == TOO_LARGE)) {
      split(batch);
    } else if (status == BAD_REQUEST) {
      String detail = Answers.detail(answer.body()).orElse("status 400");
      end(batch.getFirst());
      batch.getFirst().future.completeExceptionally(new IllegalArgumentException(detail));
      finish(1);
    } else {
      failed(batch, Trouble.REFUSED, "status " + status);
      finish(batch.size());
    }
  }

  /** One mistake refuses a batch: whoever made it is to be alone with it. */
  private void split(List<Pending> batch) {
    lock.lock();
    try {
      requests++;
    } finally {
      lock.unlock();
    }
    int half = batch.size() / 2;
    send(List.copyOf(batch.subList(0, half)));
    send(List.copyOf(batch.subList(half, batch.size())));
  }

  private void read(List<Pending> batch, String text) {
    List<Answer> answers;
    try {
      answers = Answers.batch(text, batch.size());
    } catch (IllegalArgumentException e) {
      failed(batch, Trouble.GARBLED, String.valueOf(e.getMessage()));
      finish(batch.size());
      return;
    }
    List<String> unwanted = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      Pending pending = batch.get(i);
      Answer answer = answers.get(i);
      end(pending);
      if (!pending.future.complete(answer) && answer.allowed() && pending.denied) {
        unwanted.addAll(answer.receipts());
      }
    }
    giveBack(unwanted, batch.size());
  }

  /** Gives back what was taken for checks that the fallback had denied by then. */
  private void giveBack(List<String> receipts, int count) {
    if (receipts.isEmpty()) {
      finish(count);
      return;
    }
    List<String> now = receipts.subList(0, Math.min(MAX_RECEIPTS, receipts.size()));
    List<String> later = receipts.subList(now.size(), receipts.size());
    CompletableFuture<HttpResponse<String>> sent;
    try {
      sent =
          transport.post("/v1/refund", refund(now), settings.deadline().plus(settings.patience()));
    } catch (RuntimeException e) {
      sent = CompletableFuture.failedFuture(e);
    }
    var unused =
        sent.whenComplete((answer, error) -> giveBack(error == null ? later : List.of(), count));
  }

  static String refund(List<String> receipts) {
    StringBuilder body = new StringBuilder("{\"receipts\":[");
    for (int i = 0; i < receipts.size(); i++) {
      Json.quote(i == 0 ? body : body.append(','), receipts.get(i));
    }
    return body.append("]}").toString();
  }

  private void failed(List<Pending> batch, Trouble trouble, String detail) {
    settings.tell(trouble, detail);
    for (Pending pending : batch) {
      end(pending);
      if (!pending.future.isDone()) {
        pending.future.complete(fallback(pending.check, trouble));
      }
    }
  }

  private void late(Pending pending) {
    Answer answer = fallback(pending.check, Trouble.LATE);
    // Before anybody can see that it is done, and decide what becomes of Weir's answer.
    pending.denied = !answer.allowed();
    pending.future.complete(answer);
  }

  private static void end(Pending pending) {
    Future<?> alarm = pending.alarm;
    if (alarm != null) {
      alarm.cancel(false);
    }
  }

  private Answer fallback(Check check, Trouble trouble) {
    boolean allowed;
    try {
      allowed = settings.fallback().allows(check, trouble);
    } catch (RuntimeException e) {
      settings.tell(trouble, "fallback: " + e);
      allowed = false;
    }
    return Answer.fallback(allowed, trouble);
  }

  private void finish(int count) {
    lock.lock();
    try {
      requests--;
    } finally {
      lock.unlock();
    }
    release(count);
    pump(true);
  }

  /** Takes no more, sends what waits, and waits until everything has ended or a time is over. */
  void close(Duration atMost) {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    pump(true);
    lock.lock();
    try {
      long nanos = atMost.toNanos();
      while (underWay > 0 && nanos > 0) {
        nanos = idle.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    giveUp();
  }

  /** What still waits has no connection to go by. */
  private void giveUp() {
    List<Pending> left;
    lock.lock();
    try {
      left = List.copyOf(waiting);
      waiting.clear();
    } finally {
      lock.unlock();
    }
    if (!left.isEmpty()) {
      failed(left, Trouble.CLOSED, "closed with " + left.size() + " checks unsent");
      release(left.size());
    }
  }
}
