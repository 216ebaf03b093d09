// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.TokenBucket;
import dev.weir.redis.RedisOptions;
import dev.weir.redis.fixtures.RedisProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The short way gives the answers of the full way, in order, whatever comes between. */
class ExpressLaneTest {

  private static RedisProcess redis;

  @BeforeAll
  static void startRedis() {
    redis = RedisProcess.start();
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @AfterEach
  void forget() {
    redis.cli("FLUSHALL");
  }

  /** Decisions that are there at once, and decisions that are waited for. */
  private enum Kept {
    IN_MEMORY,
    ON_REDIS;

    StoreSettings settings() {
      // Long enough for a busy machine: a check that is judged without Redis would be another.
      return this == IN_MEMORY
          ? StoreSettings.memory()
          : StoreSettings.redis(RedisOptions.of(redis.url()).timeout(Duration.ofSeconds(5)));
    }
  }

  /** Limits that do not refill while a test runs. */
  private static TestServer start(Kept kept) {
    Limit daily = Limit.of("daily", new TokenBucket(10, 1, Duration.ofDays(1)));
    return TestServer.start(
        Configuration.defaults()
            .policies(
                PolicySet.of(
                    List.of(
                        Policy.named("user").domain("api").key("user").limit(daily).build(),
                        Policy.named("client")
                            .domain("sample")
                            .key("client")
                            .limit(daily)
                            .build())))
            .store(kept.settings()));
  }

  private static String check(String user, String... fields) {
    String body =
        "{\"domain\":\"api\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\""
            + user
            + "\"}]}]}";
    StringBuilder head = new StringBuilder("POST /v1/check HTTP/1.1\r\nHost: localhost\r\n");
    for (String field : fields) {
      head.append(field).append("\r\n");
    }
    return head + "Content-Length: " + body.length() + "\r\n\r\n" + body;
  }

  /** The full way: a field that keeps the request from being plain. */
  private static String full(String user) {
    return check(user, "TE: trailers");
  }

  @ParameterizedTest
  @EnumSource(Kept.class)
  void answers_bothWays_areTheSame(Kept kept) throws IOException {
    try (TestServer server = start(kept);
        Connection connection = new Connection(server.port())) {
      connection.send(full("warm"));
      connection.answer();
      for (int i = 0; i < 15; i++) {
        connection.send(check("short"));
        String shortAnswer = connection.answer();
        connection.send(full("whole"));
        String fullAnswer = connection.answer();
        assertThat(neutral(shortAnswer)).isEqualTo(neutral(fullAnswer));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kept.class)
  void routes_bothWays_haveTheSameStatusFieldsAndBody(Kept kept) throws IOException {
    try (TestServer shortServer = start(kept);
        TestServer fullServer = start(Kept.IN_MEMORY);
        Connection shortWay = new Connection(shortServer.port());
        Connection fullWay = new Connection(fullServer.port())) {
      shortWay.send(full("warm"));
      shortWay.answer();
      for (int i = 0; i < 15; i++) {
        shortWay.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        fullWay.send("GET /hello HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n");
        assertThat(parts(shortWay.answer())).isEqualTo(parts(fullWay.answer()));
      }
    }
  }

  /** Lines of the head, in any order, and the body. */
  private static Set<String> parts(String answer) {
    Set<String> parts = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (String line : answer.split("\r\n", -1)) {
      parts.add(line.replaceAll("(?i)^date: .*", "date"));
    }
    return parts;
  }

  @ParameterizedTest
  @EnumSource(Kept.class)
  void pipeline_ofBothWays_isAnsweredInOrder(Kept kept) throws IOException {
    long seed = 7;
    SplittableRandom random = new SplittableRandom(seed);
    try (TestServer server = start(kept)) {
      for (int round = 0; round < 200; round++) {
        try (Connection connection = new Connection(server.port())) {
          List<Integer> expected = pipeline(random, connection, round);
          for (int status : expected) {
            assertThat(connection.answer())
                .as("seed %d round %d", seed, round)
                .startsWith("HTTP/1.1 " + status);
          }
        }
      }
    }
  }

  /** Requests of all kinds, cut into pieces anywhere. */
  private static List<Integer> pipeline(SplittableRandom random, Connection connection, int round)
      throws IOException {
    List<Integer> expected = new ArrayList<>();
    StringBuilder bytes = new StringBuilder();
    for (int count = 1 + random.nextInt(8); count > 0; count--) {
      switch (random.nextInt(5)) {
        case 0 -> add(bytes, expected, full("u" + round), 200);
        case 1 -> add(bytes, expected, "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 404);
        case 2 -> add(bytes, expected, check("u" + round).replace("user", "\\qqq"), 400);
        default -> add(bytes, expected, check("u" + round), 200);
      }
    }
    String all = bytes.toString();
    int from = 0;
    while (from < all.length()) {
      int to = Math.min(all.length(), from + 1 + random.nextInt(all.length()));
      connection.send(all.substring(from, to));
      from = to;
    }
    return expected;
  }

  private static void add(StringBuilder bytes, List<Integer> expected, String request, int status) {
    bytes.append(request);
    expected.add(status);
  }

  @ParameterizedTest
  @EnumSource(Kept.class)
  void bodyThatHoldsARequest_isNotARequest(Kept kept) throws IOException {
    try (TestServer server = start(kept);
        Connection connection = new Connection(server.port())) {
      connection.send(full("warm"));
      connection.answer();
      String hidden = check("hidden");
      connection.send(
          "POST /v1/check HTTP/1.1\r\nHost: a\r\nContent-Length: "
              + hidden.length()
              + "\r\n\r\n"
              + hidden);
      assertThat(connection.answer()).startsWith("HTTP/1.1 400");
      connection.send(full("hidden"));
      assertThat(connection.answer()).contains("\"remaining\":9");
    }
  }

  @ParameterizedTest
  @EnumSource(Kept.class)
  void pipeline_ofMoreThanMayWait_isAnsweredInOrder(Kept kept) throws IOException {
    int users = 5 * ExpressLane.MAX_WAITING;
    StringBuilder requests = new StringBuilder();
    for (int i = 0; i < users; i++) {
      for (int spent = 0; spent < i % 3; spent++) {
        requests.append(check("user-" + i));
      }
      requests.append(check("user-" + i));
    }
    try (TestServer server = start(kept);
        Connection connection = new Connection(server.port())) {
      connection.send(requests.toString());
      for (int i = 0; i < users; i++) {
        for (int spent = 0; spent <= i % 3; spent++) {
          assertThat(connection.answer())
              .as("user %d", i)
              .contains("\"remaining\":" + (9 - spent) + ",");
        }
      }
    }
  }

  /** Redis stands still while requests wait for it: what does not wait may not overtake. */
  @Test
  void answerThatIsThereAtOnce_doesNotOvertakeOneThatWaits() throws IOException {
    try (TestServer server = start(Kept.ON_REDIS);
        Connection connection = new Connection(server.port())) {
      connection.send(check("first"));
      assertThat(connection.answer()).contains("\"remaining\":9");
      redis.pause();
      try {
        connection.send(check("first") + "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n");
        connection.send(check("second") + full("third"));
        connection.expectNothingFor(300);
      } finally {
        redis.resume();
      }
      assertThat(connection.answer()).contains("\"remaining\":8");
      assertThat(connection.answer()).startsWith("HTTP/1.1 404");
      assertThat(connection.answer()).contains("\"remaining\":9");
      assertThat(connection.answer()).contains("\"remaining\":9");
    }
  }

  @Test
  void close_answersWhatWaits() throws Exception {
    TestServer server = start(Kept.ON_REDIS);
    try (Connection connection = new Connection(server.port())) {
      connection.send(check("first"));
      connection.answer();
      redis.pause();
      CompletableFuture<Void> closed;
      try {
        connection.send(check("first") + check("first"));
        connection.expectNothingFor(100);
        closed = CompletableFuture.runAsync(server::close);
        while (accepts(server.port())) {
          Thread.onSpinWait();
        }
        assertThat(closed).isNotDone();
      } finally {
        redis.resume();
      }
      assertThat(connection.answer()).contains("\"remaining\":8");
      assertThat(connection.answer()).contains("\"remaining\":7");
      closed.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void clientThatLeaves_isNotWaitedFor() throws IOException {
    try (TestServer server = start(Kept.ON_REDIS);
        Connection other = new Connection(server.port())) {
      redis.pause();
      try {
        for (int i = 0; i < 10; i++) {
          try (Connection connection = new Connection(server.port())) {
            connection.send(check("gone") + check("gone") + full("gone"));
            connection.expectNothingFor(20);
          }
        }
      } finally {
        redis.resume();
      }
      other.send(check("other"));
      assertThat(other.answer()).contains("\"remaining\":9");
    }
  }

  private static boolean accepts(int port) {
    try (Connection connection = new Connection(port)) {
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  /** Without what differs between two users and two moments. */
  private static String neutral(String answer) {
    return answer
        .replaceAll("date: [^\r]*", "date")
        .replaceAll("\"receipts\":\\[[^]]*]", "receipts")
        .replaceAll("content-length: [0-9]+", "length")
        .replaceAll("\"(reset|retry)AfterMillis\":[0-9]+", "time")
        .replaceAll("(?s)^(HTTP/1.1 [^\r]*)\r\n(.*?)\r\n\r\n", "$1 ");
  }

  private static final class Connection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    Connection(int port) throws IOException {
      socket = new Socket("127.0.0.1", port);
      socket.setSoTimeout(10_000);
      socket.setTcpNoDelay(true);
      in = socket.getInputStream();
    }

    void send(String bytes) throws IOException {
      socket.getOutputStream().write(bytes.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
    }

    /** One whole answer. */
    String answer() throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      String head = "";
      while (!head.endsWith("\r\n\r\n")) {
        bytes.write(next());
        head = bytes.toString(StandardCharsets.ISO_8859_1);
      }
      int length = Integer.parseInt(head.replaceAll("(?si).*content-length: ([0-9]+).*", "$1"));
      for (int i = 0; i < length; i++) {
        bytes.write(next());
      }
      return bytes.toString(StandardCharsets.UTF_8);
    }

    void expectNothingFor(int millis) throws IOException {
      socket.setSoTimeout(millis);
      try {
        int early = in.read();
        throw new AssertionError("answered early: " + (char) early);
      } catch (SocketTimeoutException expected) {
        socket.setSoTimeout(10_000);
      }
    }

    private int next() throws IOException {
      int value = in.read();
      if (value < 0) {
        throw new IOException("the connection ended");
      }
      return value;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
