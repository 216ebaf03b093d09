// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses in pieces of any size. */
final class ResponseReaderTest {

  private static final String BODY = "{\"results\":[{\"allowed\":true},{\"allowed\": false}]}";

  private final ResponseReader reader = new ResponseReader();

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1_000})
  void read_withLength_inPieces_findsStatusAndVerdicts(int piece) throws Exception {
    read("HTTP/1.1 200 OK\r\nContent-Length: " + BODY.length() + "\r\n\r\n" + BODY, piece);

    assertThat(reader.status()).isEqualTo(200);
    assertThat(reader.closes()).isFalse();
    assertThat(reader.verdicts().allowed()).isEqualTo(1);
    assertThat(reader.verdicts().denied()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 1_000})
  void read_inChunks_findsVerdictsAcrossThem(int piece) throws Exception {
    String chunked =
        "HTTP/1.1 429 Too Many\r\ntransfer-encoding: Chunked\r\n\r\n"
            + "6;a=b\r\n{\"allo\r\n"
            + "B\r\nwed\":false}\r\n0\r\nX-Trailer: 1\r\n\r\n";
    read(chunked, piece);

    assertThat(reader.status()).isEqualTo(429);
    assertThat(reader.verdicts().denied()).isEqualTo(1);
  }

  @Test
  void read_interimResponse_isPassedOver() throws Exception {
    read("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 1);
    assertThat(reader.status()).isEqualTo(204);
  }

  @Test
  void read_answerToHead_hasNoBody() throws Exception {
    reader.start(true);
    assertThat(feed("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", 100)).isTrue();
  }

  @Test
  void read_connectionClose_closes() throws Exception {
    read("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 100);
    assertThat(reader.closes()).isTrue();
  }

  @Test
  void read_withoutLength_endsWithTheConnection() throws Exception {
    reader.start(false);
    assertThat(feed("HTTP/1.0 200 OK\r\n\r\nsome", 3)).isFalse();
    assertThat(reader.endOfConnection()).isTrue();
    assertThat(reader.closes()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"
      })
  void read_otherThanHttp_isRefused(String text) {
    assertThatThrownBy(() -> read(text, 100))
        .isInstanceOf(ResponseReader.BadResponseException.class);
  }

  private void read(String text, int piece) throws Exception {
    reader.start(false);
    assertThat(feed(text, piece)).isTrue();
  }

  private boolean feed(String text, int piece) throws Exception {
    byte[] all = text.getBytes(US_ASCII);
    byte[] pending = {};
    boolean done = false;
    for (int at = 0; at < all.length; at += piece) {
      assertThat(done).isFalse();
      byte[] next = Arrays.copyOfRange(all, at, Math.min(all.length, at + piece));
      byte[] joined = Arrays.copyOf(pending, pending.length + next.length);
      System.arraycopy(next, 0, joined, pending.length, next.length);
      int consumed = reader.read(joined, 0, joined.length);
      pending = Arrays.copyOfRange(joined, consumed, joined.length);
      done = reader.done();
    }
    return done;
  }
}
