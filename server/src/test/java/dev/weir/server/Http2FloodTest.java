// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static dev.weir.server.RlsClient.of;
import static dev.weir.server.RlsClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.rls.api.RateLimitResponse.Code;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients of HTTP/2 and gRPC that mean harm; during and after each, others are served. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class Http2FloodTest {

  private static final int MOST_FRAMES = 2_000_000;
  private static final byte[] NOTHING = {};

  private static TestServer server;
  private static RlsClient other;

  @BeforeAll
  static void start() {
    HttpLimits limits = TestConfiguration.impatient(Duration.ofMillis(2_500));
    server = TestServer.start(Configuration.defaults().limits(limits));
    other = new RlsClient(server.port());
  }

  @AfterAll
  static void stop() {
    other.close();
    server.close();
  }

  @AfterEach
  void othersAreServed() {
    assertThat(other.ask("nowhere", of("a", "b").build()).getOverallCode()).isEqualTo(Code.OK);
    assertThat(server.get("/health").statusCode()).isEqualTo(200);
  }

  private static RawHttp2 client() throws IOException {
    return RawHttp2.greeting(server.port());
  }

  private static byte[] question() {
    return RawHttp2.message(request("nowhere", of("a", "b").build()).build().toByteArray());
  }

  /** Sends frames until the server will have no more, and fails if it takes all. */
  private static void flood(RawHttp2 client, IntFunction<byte[]> frames) {
    for (int i = 0; i < MOST_FRAMES; i++) {
      try {
        client.send(frames.apply(i));
      } catch (IOException cut) {
        return;
      }
    }
    throw new AssertionError("nobody stopped it");
  }

  @Test
  void call_isAnswered() throws IOException {
    try (RawHttp2 client = client()) {
      client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.call());
      client.frame(RawHttp2.DATA, RawHttp2.END_STREAM, 1, question());
      assertThat(client.next(RawHttp2.DATA).orElseThrow().payload()).hasSizeGreaterThan(5);
    }
  }

  @Test
  void headThatIsNotFinished_isCut() throws IOException {
    try (RawHttp2 client = client()) {
      client.frame(RawHttp2.HEADERS, 0, 1, RawHttp2.call());
      client.awaitEnd();
    }
  }

  @Test
  void headThatDripsInByFrames_isCut() throws Exception {
    try (RawHttp2 client = client()) {
      client.frame(RawHttp2.HEADERS, 0, 1, RawHttp2.call());
      Thread drip =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      while (true) {
                        client.frame(RawHttp2.CONTINUATION, 0, 1, new byte[] {0, 1, 'x', 1, 'y'});
                        Thread.sleep(150);
                      }
                    } catch (IOException | InterruptedException cut) {
                      // That is what is waited for.
                    }
                  });
      client.awaitEnd();
      drip.join();
    }
  }

  @Test
  void frameThatDripsIn_isCut() throws Exception {
    byte[] frame = RawHttp2.bytes(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.call());
    try (RawHttp2 client = client()) {
      Thread drip =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (byte b : frame) {
                        client.send(new byte[] {b});
                        Thread.sleep(100);
                      }
                    } catch (IOException | InterruptedException cut) {
                      // That is what is waited for.
                    }
                  });
      client.awaitEnd();
      drip.join();
    }
  }

  @Test
  void prefaceThatStops_isCut() throws IOException {
    try (RawHttp2 client = new RawHttp2(server.port())) {
      client.send("PRI * HTTP/2.0\r\n\r\nSM".getBytes(StandardCharsets.US_ASCII));
      client.awaitEnd();
    }
  }

  @Test
  void manyFramesOneAfterAnother_areNoLateFrame() throws Exception {
    // Each read ends within a frame, for longer than the deadline of one.
    byte[] ping = RawHttp2.bytes(RawHttp2.PING, 0, 0, new byte[8]);
    try (RawHttp2 client = client()) {
      client.send(java.util.Arrays.copyOf(ping, 5));
      for (int i = 0; i < 30; i++) {
        ByteBuffer rest = ByteBuffer.allocate(ping.length);
        client.send(rest.put(ping, 5, ping.length - 5).put(ping, 0, 5).array());
        Thread.sleep(50);
      }
      client.send(java.util.Arrays.copyOfRange(ping, 5, ping.length));
      client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.call());
      client.frame(RawHttp2.DATA, RawHttp2.END_STREAM, 1, question());
      assertThat(client.next(RawHttp2.DATA)).isPresent();
    }
  }

  @Test
  void messageThatDripsIn_isAnsweredDeadlineExceeded() throws Exception {
    try (RawHttp2 client = client()) {
      client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.call());
      client.frame(RawHttp2.DATA, 0, 1, new byte[] {0, 0});
      assertThat(status(client)).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }
  }

  private static Status.Code status(RawHttp2 client) throws Exception {
    CharSequence number = client.trailers().get("grpc-status");
    return Status.fromCodeValue(Integer.parseInt(number.toString())).getCode();
  }

  private static Status.Code statusOf(byte[] body) throws Exception {
    try (RawHttp2 client = client()) {
      client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.call());
      client.frame(RawHttp2.DATA, RawHttp2.END_STREAM, 1, body);
      return status(client);
    }
  }

  @Test
  void messagesThatAreNone_areAnsweredWithAStatus() throws Exception {
    byte[] longer = question();
    longer[4] += 3;
    byte[] compressed = question();
    compressed[0] = 1;
    ByteBuffer two = ByteBuffer.allocate(2 * question().length);
    two.put(question()).put(question());
    byte[] noise = RawHttp2.message(new byte[] {(byte) 0xff, (byte) 0xff});
    assertThat(statusOf(question())).isEqualTo(Status.Code.OK);
    assertThat(statusOf(compressed)).isEqualTo(Status.Code.UNIMPLEMENTED);
    for (byte[] broken : List.of(longer, two.array(), noise, NOTHING, new byte[] {0, 0, 0})) {
      assertThat(statusOf(broken)).isEqualTo(Status.Code.INTERNAL);
    }
  }

  @Test
  void oversizedMessage_isRefusedBeforeItIsThere() throws Exception {
    try (RawHttp2 client = client()) {
      client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.call());
      byte[] part = new byte[10_000];
      // The window holds back what goes beyond it until it is renewed.
      Thread sender =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 6; i++) {
                        client.frame(RawHttp2.DATA, 0, 1, part);
                      }
                      for (int i = 0; i < 6; i++) {
                        Thread.sleep(50);
                        client.frame(RawHttp2.DATA, 0, 1, part);
                      }
                    } catch (IOException | InterruptedException cut) {
                      // Refused by now.
                    }
                  });
      assertThat(status(client)).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      sender.join();
    }
  }

  @Test
  void rapidReset_isStopped() throws IOException {
    byte[] reset = ByteBuffer.allocate(4).putInt(8).array();
    byte[] call = RawHttp2.call();
    try (RawHttp2 client = client()) {
      flood(
          client,
          i -> {
            int stream = 2 * i + 1;
            byte[] head = RawHttp2.bytes(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, call);
            byte[] end = RawHttp2.bytes(RawHttp2.RST_STREAM, 0, stream, reset);
            return ByteBuffer.allocate(head.length + end.length).put(head).put(end).array();
          });
    }
  }

  @Test
  void continuationFlood_isStopped() throws IOException {
    try (RawHttp2 client = client()) {
      client.frame(RawHttp2.HEADERS, 0, 1, RawHttp2.call());
      byte[] small = RawHttp2.bytes(RawHttp2.CONTINUATION, 0, 1, NOTHING);
      flood(client, i -> small);
    }
  }

  @Test
  void headWithoutEnd_isStopped() throws IOException {
    ByteArrayOutputStream fields = new ByteArrayOutputStream();
    for (int i = 0; i < 100; i++) {
      RawHttp2.field(fields, "x-" + i, "y".repeat(100));
    }
    byte[] frame = RawHttp2.bytes(RawHttp2.CONTINUATION, 0, 1, fields.toByteArray());
    try (RawHttp2 client = client()) {
      client.frame(RawHttp2.HEADERS, 0, 1, RawHttp2.call());
      flood(client, i -> frame);
    }
  }

  @Test
  void emptyDataFlood_isStopped() throws IOException {
    byte[] empty = RawHttp2.bytes(RawHttp2.DATA, 0, 1, NOTHING);
    try (RawHttp2 client = client()) {
      client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.call());
      flood(client, i -> empty);
    }
  }

  @Test
  void settingsFlood_withoutReading_isStopped() throws IOException {
    byte[] settings = RawHttp2.bytes(RawHttp2.SETTINGS, 0, 0, NOTHING);
    try (RawHttp2 client = client()) {
      flood(client, i -> settings);
    }
  }

  @Test
  void pingFlood_isStoppedEvenIfItsAnswersAreRead() throws Exception {
    byte[] ping = RawHttp2.bytes(RawHttp2.PING, 0, 0, new byte[8]);
    try (RawHttp2 client = client()) {
      Thread reader =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      client.awaitEnd();
                    } catch (IOException closed) {
                      // By this test at the latest.
                    }
                  });
      flood(client, i -> ping);
      client.close();
      reader.join();
    }
  }

  @Test
  void framesOfNoKnownType_areNotTakenForEver() throws IOException {
    byte[] unknown = RawHttp2.bytes(0xbe, 0, 0, new byte[4]);
    try (RawHttp2 client = client()) {
      flood(client, i -> unknown);
    }
  }

  @Test
  void readersThatLetNothingIn_holdNoMoreThanTheirStreams() throws IOException {
    List<RawHttp2> deaf = new ArrayList<>();
    byte[] noWindow = ByteBuffer.allocate(6).putShort((short) 4).putInt(0).array();
    try {
      for (int i = 0; i < 20; i++) {
        RawHttp2 client = client();
        deaf.add(client);
        client.frame(RawHttp2.SETTINGS, 0, 0, noWindow);
        for (int j = 0; j < 150; j++) {
          client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 2 * j + 1, RawHttp2.call());
          client.frame(RawHttp2.DATA, RawHttp2.END_STREAM, 2 * j + 1, question());
        }
      }
      for (int i = 0; i < 100; i++) {
        assertThat(other.ask("nowhere", of("a", "b").build()).getOverallCode()).isEqualTo(Code.OK);
      }
      // Silence ends them.
      for (RawHttp2 client : deaf) {
        client.awaitEnd();
      }
    } finally {
      for (RawHttp2 client : deaf) {
        client.close();
      }
    }
  }
}
