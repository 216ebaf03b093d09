// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A client of HTTP/2 in clear text that sends the frames it likes. */
final class RawHttp2 implements AutoCloseable {

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;
  private static final int PRIORITY = 0x20;

  /** A frame that came. */
  record Frame(int type, int flags, int stream, byte[] payload) {}

  private final Socket socket;
  private final DataInputStream in;
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(true);

  RawHttp2(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(15_000);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(socket.getInputStream());
  }

  /** One that has said who it is. */
  static RawHttp2 greeting(int port) throws IOException {
    RawHttp2 client = new RawHttp2(port);
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    client.frame(SETTINGS, 0, 0, new byte[0]);
    return client;
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    send(bytes(type, flags, stream, payload));
  }

  static byte[] bytes(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .putInt(payload.length << 8 | type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /** The head of a call of the rate limit service, in literals that are not kept (RFC 7541). */
  static byte[] call() {
    return head("/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit");
  }

  static byte[] head(String path) {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    head.write(0x83);
    head.write(0x86);
    field(head, ":path", path);
    field(head, ":authority", "localhost");
    field(head, "content-type", "application/grpc");
    field(head, "te", "trailers");
    return head.toByteArray();
  }

  /** The head of a GET whose sender says who it is. */
  static byte[] get(String path, String authorization) {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    head.write(0x82);
    head.write(0x86);
    field(head, ":path", path);
    field(head, ":authority", "localhost");
    field(head, "authorization", authorization);
    return head.toByteArray();
  }

  static void field(ByteArrayOutputStream head, String name, String value) {
    head.write(0);
    text(head, name);
    text(head, value);
  }

  private static void text(ByteArrayOutputStream head, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length < 127) {
      head.write(bytes.length);
    } else {
      head.write(127);
      int rest = bytes.length - 127;
      while (rest >= 128) {
        head.write(rest & 127 | 128);
        rest >>>= 7;
      }
      head.write(rest);
    }
    head.writeBytes(bytes);
  }

  /** A message in its frame of gRPC. */
  static byte[] message(byte[] bytes) {
    return ByteBuffer.allocate(5 + bytes.length)
        .put((byte) 0)
        .putInt(bytes.length)
        .put(bytes)
        .array();
  }

  /** A head of HTTP/1.1, to its empty line. */
  String answerHead() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString();
  }

  /** The next frame; nothing once the server has closed. */
  Optional<Frame> next() throws IOException {
    try {
      int first = in.readInt();
      int flags = in.readByte();
      int stream = in.readInt();
      byte[] payload = new byte[first >>> 8];
      in.readFully(payload);
      return Optional.of(new Frame(first & 0xff, flags, stream, payload));
    } catch (SocketTimeoutException e) {
      throw new IOException("still open", e);
    } catch (IOException closed) {
      return Optional.empty();
    }
  }

  /** What the answer to a call ends with, or begins and ends; nothing before it may be skipped. */
  Http2Headers trailers() throws IOException, Http2Exception {
    while (true) {
      Frame frame = next(HEADERS).orElseThrow(() -> new IOException("closed without an answer"));
      int priority = (frame.flags() & PRIORITY) == 0 ? 0 : 5;
      Http2Headers headers =
          decoder.decodeHeaders(
              frame.stream(),
              Unpooled.wrappedBuffer(frame.payload(), priority, frame.payload().length - priority));
      if ((frame.flags() & END_STREAM) != 0) {
        return headers;
      }
    }
  }

  /** The next frame of a type; nothing once the server has closed. */
  Optional<Frame> next(int type) throws IOException {
    Optional<Frame> frame = next();
    while (frame.isPresent() && frame.get().type() != type) {
      frame = next();
    }
    return frame;
  }

  /** Reads until the server closes. */
  void awaitEnd() throws IOException {
    while (next().isPresent()) {
      // All that matters is that it ends.
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
