// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpUtil;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHeadTest {

  private static final String PLAIN =
      "POST /v1/check?x=1 HTTP/1.1\r\nHost: a\r\nContent-Type:  application/json \r\n"
          + "content-length: 3\r\nX-Api-Key: k\r\n\r\nabc";

  private static RequestHead read(String request) {
    RequestHead head = new RequestHead();
    byte[] bytes = request.getBytes(StandardCharsets.ISO_8859_1);
    assertThat(head.read(bytes, 0, bytes.length)).isTrue();
    return head;
  }

  private static boolean isPlain(String request) {
    byte[] bytes = request.getBytes(StandardCharsets.ISO_8859_1);
    return new RequestHead().read(bytes, 0, bytes.length);
  }

  @Test
  void read_plainRequest_tellsItsParts() {
    RequestHead head = read(PLAIN);
    assertThat(head.method()).isEqualTo(RequestHead.Method.POST);
    assertThat(head.target()).isEqualTo("/v1/check?x=1");
    assertThat(head.contentLength()).isEqualTo(3);
    assertThat(head.end()).isEqualTo(PLAIN.length() - 3);
    assertThat(head.field("x-api-key")).isEqualTo("k");
    assertThat(head.field("content-type")).isEqualTo("application/json");
    assertThat(head.field("absent")).isNull();
    assertThat(head.absentOr("accept", new byte[0])).isTrue();
    assertThat(head.absentOr("x-api-key", new byte[] {'k'})).isTrue();
    assertThat(head.absentOr("x-api-key", new byte[] {'x'})).isFalse();
  }

  @Test
  void read_connectionThatStaysOpen_isPlain() {
    assertThat(isPlain("GET / HTTP/1.1\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n")).isTrue();
    assertThat(isPlain("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, x\r\n\r\n")).isFalse();
  }

  @Test
  void read_everyPrefixOfARequest_isNotPlain() {
    String head = PLAIN.substring(0, PLAIN.length() - 3);
    for (int length = 0; length < head.length(); length++) {
      assertThat(isPlain(head.substring(0, length))).as("%d bytes", length).isFalse();
    }
    assertThat(isPlain(head)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \u0001\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \u00e9\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\na",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\ntransfer-encoding:x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      })
  void read_whatIsNotPlain_isLeft(String request) {
    assertThat(isPlain(request)).isFalse();
  }

  /** Whatever is plain, Netty's codec reads as the very same request. */
  @Test
  void read_mutatedRequests_agreesWithTheCodec() {
    long seed = 20_261_121L;
    SplittableRandom random = new SplittableRandom(seed);
    byte[] alphabet = "\r\n:; \tabH01/\0\u007f".getBytes(StandardCharsets.ISO_8859_1);
    RequestHead head = new RequestHead();
    int plain = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = PLAIN.getBytes(StandardCharsets.ISO_8859_1);
      for (int changes = random.nextInt(4); changes > 0; changes--) {
        bytes[random.nextInt(bytes.length)] = alphabet[random.nextInt(alphabet.length)];
      }
      if (head.read(bytes, 0, bytes.length) && head.end() + head.contentLength() == bytes.length) {
        plain++;
        agrees(head, bytes, "seed " + seed + " round " + round);
      }
    }
    assertThat(plain).isGreaterThan(3_000);
  }

  private static void agrees(RequestHead head, byte[] bytes, String where) {
    EmbeddedChannel channel =
        new EmbeddedChannel(new HttpRequestDecoder(), new HttpObjectAggregator(1 << 20));
    channel.writeInbound(Unpooled.copiedBuffer(bytes));
    FullHttpRequest request = channel.readInbound();
    assertThat(request).as(where).isNotNull();
    assertThat(request.decoderResult().isSuccess()).as(where).isTrue();
    assertThat(request.method().name()).as(where).isEqualTo(head.method().name());
    assertThat(request.uri()).as(where).isEqualTo(head.target());
    assertThat(request.content().readableBytes()).as(where).isEqualTo(head.contentLength());
    assertThat(HttpUtil.isKeepAlive(request)).as(where).isTrue();
    assertThat(request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)).as(where).isFalse();
    for (Map.Entry<String, String> field : request.headers()) {
      String name = field.getKey().toLowerCase(java.util.Locale.ROOT);
      assertThat(head.field(name)).as(where).isEqualTo(request.headers().get(name));
    }
    request.release();
    assertThat((Object) channel.readInbound()).as(where).isNull();
    channel.finishAndReleaseAll();
  }
}
