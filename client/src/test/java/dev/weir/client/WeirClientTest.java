// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client, against a real Weir and against what is none. */
@Timeout(180)
class WeirClientTest {

  // Long enough for any machine, where Weir is to answer.
  private static final Duration PATIENT = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(20);

  private static WeirClient.Builder patient(URI uri) {
    return WeirClient.builder(uri).fallback(Fallback.CLOSED).deadline(PATIENT);
  }

  private static Check user(String name) {
    return Check.of("api", "user", name);
  }

  private static List<Answer> all(List<CompletableFuture<Answer>> futures) {
    return futures.stream().map(CompletableFuture::join).toList();
  }

  @Test
  void check_isDecidedByWeir_andTellsItsLimit() {
    try (TestWeir weir = TestWeir.start();
        WeirClient client = patient(weir.uri()).build()) {
      Answer first = client.check(user("42").cost(99)).join();
      assertThat(first.allowed()).isTrue();
      assertThat(first.decided()).isTrue();
      assertThat(first.reason()).isEqualTo("within_limit");
      assertThat(first.policy()).hasValue("per-user");
      assertThat(first.limit()).hasValue("hourly");
      assertThat(first.remaining()).hasValue(1);
      assertThat(first.resetAfter().orElseThrow()).isPositive();
      assertThat(first.receipts()).hasSize(1);

      Answer denied = client.check(user("42").cost(2)).join();
      assertThat(denied.allowed()).isFalse();
      assertThat(denied.reason()).isEqualTo("over_limit");
      assertThat(denied.retryAfter().orElseThrow()).isPositive();
      assertThat(client.check(Check.of("nowhere", "a", "b")).join().reason()).isEqualTo("no_match");
    }
  }

  @Test
  void descriptorsOfACheck_areChargedTogetherOrNotAtAll() {
    try (TestWeir weir = TestWeir.start();
        WeirClient client = patient(weir.uri()).build()) {
      Check both = user("a").cost(60).and("user", "b").with("path", "/\"\\\u0001ü\uD83D\uDE00");
      assertThat(client.check(both).join().allowed()).isTrue();
      assertThat(client.check(both).join().allowed()).isFalse();
      assertThat(client.check(user("b").cost(0)).join().remaining()).hasValue(99);
    }
  }

  @Test
  void checksThatComeTogether_shareRequests_andEachHasItsOwnAnswer() throws Exception {
    try (TestWeir weir = TestWeir.start();
        WeirClient client = patient(weir.uri()).window(Duration.ofMillis(100)).build()) {
      List<CompletableFuture<Answer>> futures = new ArrayList<>();
      for (int i = 1; i <= 100; i++) {
        futures.add(client.check(user("u" + i).cost(i)));
      }
      List<Answer> answers = all(futures);
      for (int i = 1; i <= 100; i++) {
        assertThat(answers.get(i - 1).remaining()).hasValue(100 - i);
      }
      // A pause of the machine among the checks ends a window early.
      assertThat(weir.answered("2xx")).isBetween(1, 4);
    }
  }

  @Test
  void crowd_isAdmittedExactlyTheLimit() throws Exception {
    try (TestWeir weir = TestWeir.start();
        WeirClient client = patient(weir.uri()).window(Duration.ZERO).maxBatch(7).build();
        ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<List<Answer>>> parts =
          threads.invokeAll(
              IntStream.range(0, 8)
                  .<java.util.concurrent.Callable<List<Answer>>>mapToObj(
                      thread ->
                          () ->
                              all(
                                  IntStream.range(0, 200)
                                      .mapToObj(i -> client.check(user("crowd")))
                                      .toList()))
                  .toList());
      long allowed = 0;
      for (Future<List<Answer>> part : parts) {
        assertThat(part.get()).allMatch(Answer::decided);
        allowed += part.get().stream().filter(Answer::allowed).count();
      }
      assertThat(allowed).isEqualTo(100);
    }
  }

  @Test
  void mistakeOfOneCheck_isToldToItAlone() {
    try (TestWeir weir = TestWeir.start();
        WeirClient client = patient(weir.uri()).window(Duration.ofMillis(100)).build()) {
      List<CompletableFuture<Answer>> good = new ArrayList<>();
      for (int i = 0; i < 9; i++) {
        good.add(client.check(user("g" + i)));
      }
      CompletableFuture<Answer> bad = client.check(user("half a character: \uD83D"));
      assertThat(all(good)).allMatch(answer -> answer.remaining().orElse(-1) == 99);
      assertThatThrownBy(bad::join).hasCauseInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void listenerWithTokens_refusesAnotherToken() {
    String digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    List<String> told = new ArrayList<>();
    try (TestWeir weir =
            TestWeir.start("tokens: [{ sha256: " + digest + ", scopes: [check, refund] }]");
        WeirClient wrong =
            patient(weir.uri()).token("guess").onTrouble((t, d) -> told.add(t + " " + d)).build();
        WeirClient right = patient(weir.uri()).token("test").build()) {
      assertThat(wrong.check(user("1")).join().trouble()).hasValue(Trouble.REFUSED);
      assertThat(told).containsExactly("REFUSED status 401");
      assertThat(right.check(user("1")).join().decided()).isTrue();
      assertThat(wrong.toString() + wrong).doesNotContain("guess");
      assertThatThrownBy(() -> wrong.refund(List.of()).join())
          .hasCauseInstanceOf(WeirException.class);
    }
  }

  @Test
  void recordAndRefund_areDone() {
    try (TestWeir weir = TestWeir.start();
        WeirClient client = patient(weir.uri()).build()) {
      Answer taken = client.check(user("r").cost(30)).join();
      assertThat(client.record(user("r").cost(50)).join().remaining()).hasValue(20);
      assertThat(client.refund(taken.receipts()).join()).isEqualTo(30);
      assertThat(client.check(user("r").cost(0)).join().remaining()).hasValue(50);
      assertThatThrownBy(() -> client.refund(List.of("no receipt")).join())
          .hasCauseInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void serverThatEnds_leavesTheFallback_untilItIsBack() {
    try (TestWeir weir = TestWeir.start();
        WeirClient client =
            patient(weir.uri())
                .fallback((check, trouble) -> trouble == Trouble.UNREACHABLE)
                .build()) {
      assertThat(client.check(user("k")).join().decided()).isTrue();
      weir.end();
      for (int i = 0; i < 20; i++) {
        Answer answer = client.check(user("k")).join();
        assertThat(answer.trouble()).hasValue(Trouble.UNREACHABLE);
        assertThat(answer.allowed()).isTrue();
        assertThat(answer.reason()).isEqualTo("fallback");
      }
      weir.startAgain();
      await().atMost(PATIENT).until(() -> client.check(user("k")).join().decided());
    }
  }

  @Test
  void silentServer_isLate_andWhatItHoldsIsBounded() throws Exception {
    try (Peer silent = Peer.silent();
        WeirClient client =
            patient(silent.uri()).deadline(SHORT).maxUnderWay(5).connections(2).build()) {
      List<CompletableFuture<Answer>> futures = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        futures.add(client.check(user("s"), PATIENT));
      }
      assertThat(futures.subList(5, 8))
          .allMatch(CompletableFuture::isDone)
          .allMatch(future -> future.join().trouble().equals(Optional.of(Trouble.OVERLOADED)));
    }
    try (Peer silent = Peer.silent();
        WeirClient client = patient(silent.uri()).deadline(SHORT).build()) {
      Answer answer = client.check(user("s")).join();
      assertThat(answer.trouble()).hasValue(Trouble.LATE);
      assertThat(answer.allowed()).isFalse();
      assertThatThrownBy(() -> client.record(user("s")).join())
          .cause()
          .isInstanceOfSatisfying(
              WeirException.class, error -> assertThat(error.trouble()).isEqualTo(Trouble.LATE));
    }
  }

  @Test
  void admissionThatComesTooLate_isGivenBack_ifTheFallbackDenied() throws Exception {
    CountDownLatch back = new CountDownLatch(1);
    try (TestWeir weir = TestWeir.start();
        Peer relay = Peer.relay(weir.port(), back);
        // A check whose deadline is over before it is sent is not sent at all.
        WeirClient closed =
            patient(relay.uri()).deadline(Duration.ofSeconds(1)).patience(PATIENT).build();
        WeirClient direct = patient(weir.uri()).build()) {
      List<CompletableFuture<Answer>> late = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        late.add(closed.check(user("l").cost(10)));
      }
      assertThat(all(late)).noneMatch(Answer::allowed);
      await()
          .atMost(PATIENT)
          .until(() -> direct.check(user("l").cost(0)).join().remaining().orElse(-1) == 0);
      back.countDown();
      await()
          .atMost(PATIENT)
          .until(() -> direct.check(user("l").cost(0)).join().remaining().orElse(-1) == 100);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"results\":[]}",
        "HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n{\"results\":[true]}",
        "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n[[[[[[[[[[[[[[[[[[[[",
        "HTTP/1.1 200 OK\r\nContent-Length: 47\r\n\r\n{\"results\":[{\"allowed\":1,\"reason\":\"\",\"receipts\":",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<!---",
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"results\":[",
        "SSH-2.0-OpenSSH_9.2\r\n",
        ""
      })
  void answerThatIsNone_leavesTheFallback(String text) throws Exception {
    try (Peer peer = Peer.saying(text);
        WeirClient client = patient(peer.uri()).build()) {
      Answer answer = client.check(user("g")).join();
      assertThat(answer.trouble().orElseThrow())
          .isIn(Trouble.GARBLED, Trouble.REFUSED, Trouble.UNREACHABLE);
      assertThat(answer.allowed()).isFalse();
    }
  }

  @Test
  void answerWithoutEnd_isGivenUp() throws Exception {
    try (Peer peer = Peer.endless();
        WeirClient client = patient(peer.uri()).build()) {
      assertThat(client.check(user("e")).join().trouble()).hasValue(Trouble.GARBLED);
    }
  }

  @Test
  void connection_isUsedAgain() throws Exception {
    CountDownLatch open = new CountDownLatch(0);
    try (TestWeir weir = TestWeir.start();
        Peer relay = Peer.relay(weir.port(), open);
        WeirClient client = patient(relay.uri()).build()) {
      for (int i = 0; i < 50; i++) {
        assertThat(client.check(user("c")).join().decided()).isTrue();
      }
      assertThat(relay.accepted()).isEqualTo(1);
    }
  }

  @Test
  void close_answersWhatWaits_andTakesNoMore() {
    try (TestWeir weir = TestWeir.start()) {
      WeirClient client =
          patient(weir.uri()).window(Duration.ofMillis(100)).maxBatch(30).connections(1).build();
      List<CompletableFuture<Answer>> futures =
          IntStream.range(0, 100).mapToObj(i -> client.check(user("d"))).toList();
      client.close();
      assertThat(futures).allMatch(CompletableFuture::isDone);
      assertThat(all(futures)).allMatch(Answer::decided);
      client.close();
      assertThat(client.check(user("d")).join().trouble()).hasValue(Trouble.CLOSED);
      assertThatThrownBy(() -> client.record(user("d")).join())
          .isInstanceOf(CompletionException.class);
    }
  }

  @Test
  void close_withoutAnAnswer_leavesNothingOpen() throws Exception {
    try (Peer silent = Peer.silent()) {
      WeirClient client = patient(silent.uri()).deadline(SHORT).maxBatch(1).connections(1).build();
      List<CompletableFuture<Answer>> futures =
          IntStream.range(0, 5_000)
              .mapToObj(i -> client.check(user("d"), Duration.ofSeconds(50)))
              .toList();
      client.close();
      assertThat(all(futures)).noneMatch(Answer::allowed);
    }
  }

  @Test
  void fallbackThatFails_denies() throws Exception {
    try (Peer peer = Peer.saying("");
        WeirClient client =
            patient(peer.uri())
                .fallback(
                    (check, trouble) -> {
                      throw new IllegalStateException("of the test");
                    })
                .build()) {
      assertThat(client.check(user("f")).join().allowed()).isFalse();
    }
  }

  @Test
  void valuesOutOfRange_areRefused() {
    URI uri = URI.create("http://localhost:1");
    assertThatThrownBy(() -> WeirClient.builder(uri).build())
        .isInstanceOf(IllegalStateException.class);
    for (String wrong : List.of("ftp://a", "http://u:p@a", "http:///x", "http://a?b", "/a")) {
      assertThatThrownBy(() -> WeirClient.builder(URI.create(wrong)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    WeirClient.Builder builder = WeirClient.builder(uri);
    assertThatThrownBy(() -> builder.deadline(Duration.ZERO))
        .hasMessageContaining("expected: PT0.001S..PT1M");
    assertThatThrownBy(() -> builder.maxBatch(1_001)).hasMessageContaining("1..1000");
    assertThatThrownBy(() -> builder.token("a b")).hasMessageNotContaining("a b");
    assertThatThrownBy(() -> Check.of("", "a", "b")).hasMessageContaining("domain");
    assertThatThrownBy(() -> user("x").cost(-1)).hasMessageContaining("cost: -1");
    assertThatThrownBy(() -> user("x".repeat(4_096))).hasMessageContaining("4096");
    Check[] check = {user("x")};
    for (int i = 1; i < Check.MAX_ENTRIES; i++) {
      check[0] = check[0].with("k" + i, "v");
    }
    assertThatThrownBy(() -> check[0].with("k", "v")).hasMessageContaining("entries: 33");
    assertThat(user("secret").toString()).doesNotContain("secret");
  }
}
