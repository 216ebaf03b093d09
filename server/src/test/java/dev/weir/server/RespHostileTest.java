// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients of the Redis protocol that mean harm; after each, others are served as before. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class RespHostileTest {

  private static final String CONFIGURATION =
      """
      version: 1
      listeners: [{ name: resp, port: 0, serves: [resp] }]
      policies: none
      """;

  private static TestServer server;

  @BeforeAll
  static void start() {
    HttpLimits limits = TestConfiguration.impatient(Duration.ofMillis(700));
    server = TestServer.start(TestConfiguration.of(CONFIGURATION).limits(limits));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void othersAreServed() {
    // Once the server has seen that connections beyond the bound are closed.
    await()
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(
            () -> {
              try (RespClient other = client()) {
                assertThat(other.ask("PING")).isEqualTo("PONG");
              }
            });
  }

  private static RespClient client() throws IOException {
    return new RespClient(server.port());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "*129~|invalid multibulk length",
        "*99999999999999999999~|invalid multibulk length",
        "*2147483648~|invalid multibulk length",
        "*x~|invalid multibulk length",
        "*1~:5~|expected '$', got ':'",
        "*1~$8193~|invalid bulk length",
        "*1~$-1~|invalid bulk length",
        "*1~$99999999999999~|invalid bulk length",
        "*1~$4~PINGxx|expected the end of a bulk string",
        "\"open~|unbalanced quotes in request",
        "*3~$1~a~$1~b~+c~|expected '$', got '+'",
      })
  void whatIsNoCommand_isToldAndClosed(String sent, String told) throws IOException {
    try (RespClient client = client()) {
      client.send("PING\r\n" + sent.replace("~", "\r\n"));
      assertThat(client.read()).isEqualTo("PONG");
      assertThat(client.read()).isEqualTo("-ERR Protocol error: " + told);
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void lineWithoutAnEnd_isToldAndClosed() throws IOException {
    try (RespClient client = client()) {
      client.send("x".repeat(40_000));
      assertThat(client.read()).startsWith("-ERR Protocol error: too big");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void commandBeyondTheBound_isToldAndClosed() throws IOException {
    try (RespClient client = client()) {
      String[] words = new String[100];
      java.util.Arrays.fill(words, "x".repeat(1_000));
      client.send(RespClient.bytes(words));
      assertThat(client.read()).startsWith("-ERR Protocol error: too big request");
    }
  }

  @Test
  void garbage_isSurvived() throws IOException {
    long seed = 11;
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 300; i++) {
      byte[] bytes = new byte[random.nextInt(1, 3_000)];
      random.nextBytes(bytes);
      if (i % 2 == 0) {
        bytes[0] = '*';
      }
      try (RespClient client = client()) {
        client.send(bytes);
      } catch (IOException closedUnderIt) {
        // As it may be.
        continue;
      }
    }
  }

  @Test
  void halfACommand_isCut() throws IOException {
    try (RespClient slow = client()) {
      slow.send("*2\r\n$4\r\nPI");
      assertThat(slow.isClosedByServer()).isTrue();
    }
  }

  @Test
  void commandThatDripsIn_isCut() throws IOException {
    try (RespClient drip = client()) {
      drip.socket().setSoTimeout(50);
      drip.send("*1\r\n$5000\r\n");
      boolean closed = false;
      for (int i = 0; i < 100 && !closed; i++) {
        try {
          drip.send("x");
          closed = drip.isClosedByServer();
        } catch (IOException e) {
          closed = true;
        }
      }
      assertThat(closed).isTrue();
    }
  }

  @Test
  void connectionThatSaysNothing_isClosed() throws IOException {
    try (RespClient silent = client()) {
      assertThat(silent.isClosedByServer()).isTrue();
    }
  }

  @Test
  void readerThatStopsReading_isCutAndItsAnswersDoNotPileUp() throws IOException {
    byte[] many = "INFO\r\n".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
    long used = usedDirectMemory();
    try (RespClient deaf = client()) {
      boolean cut = false;
      for (int i = 0; i < 5_000 && !cut; i++) {
        try {
          deaf.send(many);
        } catch (IOException e) {
          cut = true;
        }
      }
      assertThat(cut).isTrue();
    }
    assertThat(usedDirectMemory() - used).isLessThan(64L << 20);
  }

  private static long usedDirectMemory() {
    return io.netty.buffer.PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
  }

  @Test
  void answersMuchLargerThanTheirCommands_leaveInPieces() throws IOException {
    try (RespClient client = client()) {
      int count = 3_000;
      client.send("COMMAND DOCS\r\n".repeat(count));
      client.send("ECHO end\r\n");
      String first = client.read();
      for (int i = 1; i < count; i++) {
        assertThat(client.read()).isEqualTo(first);
      }
      assertThat(client.read()).isEqualTo("end");
    }
  }

  @Test
  void connectionsBeyondTheBoundOfOneAddress_areClosed() throws IOException {
    List<RespClient> open = new ArrayList<>();
    int refused = 0;
    // None is to be closed for its silence while the others come.
    HttpLimits patient = TestConfiguration.impatient(Duration.ofMinutes(2));
    try (TestServer own = TestServer.start(TestConfiguration.of(CONFIGURATION).limits(patient))) {
      for (int i = 0; i < 160; i++) {
        RespClient client = new RespClient(own.port());
        open.add(client);
        try {
          assertThat(client.ask("PING")).isEqualTo("PONG");
        } catch (IOException e) {
          refused++;
        }
      }
    } finally {
      for (RespClient client : open) {
        client.close();
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void requestOfHttp_closesTheConnection() throws IOException {
    try (RespClient browser = client()) {
      browser.send("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nTHROTTLE victim 1 1 1000\r\n");
      assertThat(browser.isClosedByServer()).isTrue();
    }
    try (RespClient other = client()) {
      assertThat(other.ask("THROTTLE victim 1 1 1000")).startsWith("[1, ");
    }
  }
}
