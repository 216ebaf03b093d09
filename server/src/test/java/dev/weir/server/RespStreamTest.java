// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** However a stream of commands is cut into pieces, its answers are the same. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class RespStreamTest {

  private static final int ROUNDS = Integer.getInteger("weir.resp.rounds", 60);

  private static TestServer start() {
    return TestServer.start(
        TestConfiguration.of(
            "version: 1\npolicies: none\nlisteners: [{ port: 0, serves: [resp] }]"));
  }

  /** A stream, and how many answers it has. */
  private record Stream(byte[] bytes, int answers, boolean ends) {}

  private static Stream stream(SplittableRandom random, String run) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int count = random.nextInt(1, 200);
    int answers = count;
    for (int i = 0; i < count; i++) {
      switch (random.nextInt(8)) {
        case 0 -> text(out, "PING\r\n");
        case 1 -> text(out, "  ECHO \"a\\x41 b\" \n");
        case 2 -> out.writeBytes(RespClient.bytes("ECHO", "\r\n*1\r\n".repeat(random.nextInt(40))));
        case 3 ->
            out.writeBytes(
                RespClient.bytes("CL.THROTTLE", run + i, "15", "1", "1000", "" + i % 20));
        case 4 -> out.writeBytes(RespClient.bytes("THROTTLE", run + i, "15", "1", "1000"));
        case 5 -> out.writeBytes(RespClient.bytes("NOTHING", "like", "this"));
        case 6 -> {
          text(out, "\r\n*0\r\n*-1\r\n");
          answers--;
        }
        default -> out.writeBytes(RespClient.bytes("THROTTLE", "x", "y"));
      }
    }
    boolean ends = random.nextBoolean();
    if (ends) {
      text(out, random.nextBoolean() ? "*1\r\n+PING\r\nPING\r\n" : "\"\r\nPING\r\n");
      answers++;
    }
    return new Stream(out.toByteArray(), answers, ends);
  }

  private static void text(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static List<String> answers(TestServer server, Stream stream, List<Integer> pieces)
      throws IOException {
    try (RespClient client = new RespClient(server.port())) {
      int from = 0;
      for (int to : pieces) {
        client.send(java.util.Arrays.copyOfRange(stream.bytes, from, to));
        from = to;
      }
      client.send(java.util.Arrays.copyOfRange(stream.bytes, from, stream.bytes.length));
      List<String> answers = new ArrayList<>();
      for (int i = 0; i < stream.answers; i++) {
        answers.add(client.read());
      }
      if (stream.ends) {
        assertThat(client.isClosedByServer()).isTrue();
      }
      return answers;
    }
  }

  @Test
  void stream_inPieces_isAnsweredAsInOne() throws IOException {
    long seed = Long.getLong("weir.resp.seed", 5);
    SplittableRandom random = new SplittableRandom(seed);
    try (TestServer server = start()) {
      for (int round = 0; round < ROUNDS; round++) {
        long one = random.nextLong();
        Stream whole = stream(new SplittableRandom(one), "one-" + round + "-");
        Stream cut = stream(new SplittableRandom(one), "two-" + round + "-");
        List<Integer> pieces = new ArrayList<>();
        int at = 0;
        int most = random.nextInt(1, 400);
        while (at < cut.bytes.length - most) {
          at += random.nextInt(1, most + 1);
          pieces.add(at);
        }
        // Both have keys of their own: nothing was spent before.
        assertThat(answers(server, cut, pieces))
            .as("seed %d round %d", seed, round)
            .isEqualTo(answers(server, whole, List.of()));
      }
    }
  }
}
