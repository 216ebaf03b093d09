// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A client of one Weir, or of several behind one address. Safe for use by any thread; one is enough
 * for a process.
 *
 * <p>Checks that come close together share a request. Each is answered by its deadline, by Weir or
 * by the {@link Fallback}. What the client holds is bounded: checks under way, requests, and the
 * size of answers. Stages end on the client's threads, or on the timer's; what depends on them must
 * not block.
 */
public final class WeirClient implements AutoCloseable {

  private static final int MAX_RECEIPTS = 100;
  private static final int OK = 200;
  private static final int BAD_REQUEST = 400;
  private static final int THREADS = 2;

  /** How it asks. */
  record Settings(
      Fallback fallback,
      Duration deadline,
      Duration patience,
      Duration window,
      int maxBatch,
      int maxUnderWay,
      int connections,
      BiConsumer<Trouble, String> troubles) {

    /** Tells of a trouble; nobody's fault becomes another's. */
    void tell(Trouble trouble, String detail) {
      try {
        troubles.accept(trouble, detail);
      } catch (RuntimeException e) {
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
      }
    }
  }

  private final URI uri;
  private final Settings settings;
  private final HttpClient http;
  private final ExecutorService executor;
  private final ScheduledThreadPoolExecutor timer;
  private final Transport transport;
  private final Batches batches;
  private final Semaphore others;

  private WeirClient(Builder builder, Fallback fallback) {
    uri = builder.uri;
    settings =
        new Settings(
            fallback,
            builder.deadline,
            builder.patience,
            builder.window,
            builder.maxBatch,
            builder.maxUnderWay,
            builder.connections,
            builder.troubles);
    executor =
        Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().daemon().name("weir-client-", 0).factory());
    timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("weir-client-timer").factory());
    timer.setRemoveOnCancelPolicy(true);
    HttpClient.Builder made =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(
                builder.deadline.compareTo(ONE_SECOND) > 0 ? builder.deadline : ONE_SECOND)
            .executor(executor);
    builder.tls.ifPresent(made::sslContext);
    http = made.build();
    transport = new Transport(http, timer, uri, builder.token);
    batches = new Batches(settings, transport, timer);
    others = new Semaphore(builder.maxUnderWay);
  }

  private static final Duration ONE_SECOND = Duration.ofSeconds(1);

  /**
   * A client to be.
   *
   * @param uri where Weir is: {@code http} or {@code https}, a host, perhaps a port and a path
   * @throws IllegalArgumentException if it is something else
   */
  public static Builder builder(URI uri) {
    return new Builder(uri);
  }

  /**
   * Asks whether something may go on, and charges it if so.
   *
   * @return answered by the client's deadline; fails only with an IllegalArgumentException, if Weir
   *     finds a mistake in the check
   */
  public CompletableFuture<Answer> check(Check check) {
    return batches.submit(requireNonNull(check, "check"), settings.deadline);
  }

  /**
   * The same with a deadline of its own.
   *
   * @param deadline 1 ms to 1 min
   * @throws IllegalArgumentException if it is out of range
   */
  public CompletableFuture<Answer> check(Check check, Duration deadline) {
    return batches.submit(requireNonNull(check, "check"), Builder.deadlineOf(deadline));
  }

  /**
   * Charges a cost that is known only after the work; it is never denied. Not batched.
   *
   * @return fails with a {@link WeirException} if Weir does not say that it did; it may have, and
   *     is not asked again. With an IllegalArgumentException if Weir finds a mistake
   */
  public CompletableFuture<Answer> record(Check check) {
    StringBuilder body = new StringBuilder();
    check.write(body);
    return post("/v1/record", body.toString(), Answers::one);
  }

  /**
   * Gives back what still counts of what was taken.
   *
   * @param receipts of {@link Answer#receipts}, at most 100
   * @return how many permits; fails as {@link #record} does
   * @throws IllegalArgumentException if there are too many
   */
  public CompletableFuture<Long> refund(List<String> receipts) {
    if (receipts.size() > MAX_RECEIPTS) {
      throw new IllegalArgumentException(
          "receipts: " + receipts.size() + " (expected: at most " + MAX_RECEIPTS + ")");
    }
    return post("/v1/refund", Batches.refund(receipts), Answers::refunded);
  }

  private <T> CompletableFuture<T> post(String path, String body, Function<String, T> read) {
    if (timer.isShutdown()) {
      return CompletableFuture.failedFuture(new WeirException(Trouble.CLOSED, "closed"));
    }
    if (!others.tryAcquire()) {
      return CompletableFuture.failedFuture(
          new WeirException(Trouble.OVERLOADED, "too many requests under way"));
    }
    CompletableFuture<HttpResponse<String>> sent;
    try {
      sent = transport.post(path, body, settings.deadline);
    } catch (RuntimeException e) {
      sent = CompletableFuture.failedFuture(e);
    }
    return sent.handle(
        (answer, error) -> {
          others.release();
          return read(answer, error, read);
        });
  }

  private static <T> T read(
      @Nullable HttpResponse<String> answer, @Nullable Throwable error, Function<String, T> read) {
    if (answer == null) {
      Throwable cause = error == null ? new IllegalStateException("no answer") : error;
      throw new WeirException(Transport.trouble(cause), Transport.told(cause));
    }
    if (answer.statusCode() == BAD_REQUEST) {
      throw new IllegalArgumentException(Answers.detail(answer.body()).orElse("status 400"));
    }
    if (answer.statusCode() != OK) {
      throw new WeirException(Trouble.REFUSED, "status " + answer.statusCode());
    }
    try {
      return read.apply(answer.body());
    } catch (IllegalArgumentException e) {
      throw new CompletionException(
          new WeirException(Trouble.GARBLED, String.valueOf(e.getMessage())));
    }
  }

  /**
   * Takes no more checks, sends those that wait, and waits for answers for at most the deadline and
   * a second. Every check is answered then, or will be by its deadline. May be called more than
   * once.
   */
  @Override
  public void close() {
    batches.close(settings.deadline.plus(ONE_SECOND));
    http.shutdownNow();
    // Deadlines that are still open are kept.
    timer.shutdown();
    executor.shutdown();
  }

  /** Where Weir is; not the token. */
  @Override
  public String toString() {
    return "WeirClient[" + uri + "]";
  }

  /** Says how a client asks. Not safe for several threads. */
  public static final class Builder {

    private final URI uri;
    private Optional<String> token = Optional.empty();
    private Optional<SSLContext> tls = Optional.empty();
    private @Nullable Fallback fallback;
    private Duration deadline = Duration.ofMillis(50);
    private Duration patience = ONE_SECOND;
    private Duration window = Duration.ofNanos(250_000);
    private int maxBatch = 100;
    private int maxUnderWay = 10_000;
    private int connections = 4;
    private BiConsumer<Trouble, String> troubles = (trouble, detail) -> {};

    private Builder(URI uri) {
      String scheme = uri.getScheme();
      boolean usable =
          ("http".equals(scheme) || "https".equals(scheme))
              && uri.getHost() != null
              && uri.getRawUserInfo() == null
              && uri.getRawQuery() == null
              && uri.getRawFragment() == null;
      if (!usable) {
        // It may hold a password.
        throw new IllegalArgumentException("uri (expected: http[s]://host[:port][/path])");
      }
      this.uri = uri;
    }

    /** Decides where Weir does not answer. Required: nobody else can know what is right. */
    public Builder fallback(Fallback decides) {
      fallback = requireNonNull(decides, "decides");
      return this;
    }

    /** Shows a bearer token, which a listener with tokens wants. */
    public Builder token(String text) {
      if (text.isEmpty() || !text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
        throw new IllegalArgumentException("token (expected: printable ASCII without spaces)");
      }
      token = Optional.of(text);
      return this;
    }

    /** Speaks TLS with these keys and authorities; the platform's unless said. */
    public Builder tls(SSLContext context) {
      tls = Optional.of(context);
      return this;
    }

    /**
     * How long a check may take, 50 ms unless said.
     *
     * @param time 1 ms to 1 min
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder deadline(Duration time) {
      deadline = deadlineOf(time);
      return this;
    }

    static Duration deadlineOf(Duration time) {
      return within("deadline", time, Duration.ofMillis(1), Duration.ofMinutes(1));
    }

    /**
     * How long after the deadline a request is still listened to, 1 s unless said, so that late
     * admissions can be given back. A connection to a silent server is taken for that long.
     *
     * @param time 0 to 1 min
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder patience(Duration time) {
      patience = within("patience", time, Duration.ZERO, Duration.ofMinutes(1));
      return this;
    }

    /**
     * How long a check waits for others to share its request, 0.25 ms unless said. At 0 it waits
     * only while all connections are busy.
     *
     * @param time 0 to 100 ms
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder window(Duration time) {
      window = within("window", time, Duration.ZERO, Duration.ofMillis(100));
      return this;
    }

    /**
     * Most checks of one request, 100 unless said; as many do not wait for the window.
     *
     * @param checks 1 to 1000
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder maxBatch(int checks) {
      maxBatch = within("maxBatch", checks, 1_000);
      return this;
    }

    /**
     * Most checks that wait or are under way, 10000 unless said; further ones are the fallback's at
     * once.
     *
     * @param checks 1 to 1000000
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder maxUnderWay(int checks) {
      maxUnderWay = within("maxUnderWay", checks, 1_000_000);
      return this;
    }

    /**
     * Most requests of checks at a time, and so connections, 4 unless said.
     *
     * @param requests 1 to 64
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder connections(int requests) {
      connections = within("connections", requests, 64);
      return this;
    }

    /**
     * Hears of each request that failed, with a line for a log. Called by the client's threads;
     * must not block.
     */
    public Builder onTrouble(BiConsumer<Trouble, String> listener) {
      troubles = requireNonNull(listener, "listener");
      return this;
    }

    private static Duration within(String name, Duration value, Duration min, Duration max) {
      if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
        throw new IllegalArgumentException(
            name + ": " + value + " (expected: " + min + ".." + max + ")");
      }
      return value;
    }

    private static int within(String name, int value, int max) {
      if (value < 1 || value > max) {
        throw new IllegalArgumentException(name + ": " + value + " (expected: 1.." + max + ")");
      }
      return value;
    }

    /**
     * The client, which connects when it is first asked.
     *
     * @throws IllegalStateException if there is no fallback
     */
    public WeirClient build() {
      Fallback decides = fallback;
      if (decides == null) {
        throw new IllegalStateException("fallback: none (expected: OPEN, CLOSED or your own)");
      }
      return new WeirClient(this, decides);
    }
  }
}
