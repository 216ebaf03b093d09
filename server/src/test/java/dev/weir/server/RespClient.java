// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A client of the Redis protocol that shows answers as text, and may write what it likes. */
final class RespClient implements AutoCloseable {

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  RespClient(int port) throws IOException {
    this(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  RespClient(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(10_000);
    socket.setTcpNoDelay(true);
    this.in = new BufferedInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  /** The bytes of a command. */
  static byte[] bytes(String... words) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(("*" + words.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
    for (String word : words) {
      byte[] text = word.getBytes(StandardCharsets.UTF_8);
      bytes.writeBytes(("$" + text.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
      bytes.writeBytes(text);
      bytes.writeBytes(new byte[] {'\r', '\n'});
    }
    return bytes.toByteArray();
  }

  RespClient send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return this;
  }

  RespClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends a command of words between spaces and reads its answer. */
  String ask(String line) throws IOException {
    return ask(line.split(" ", -1));
  }

  String ask(String... words) throws IOException {
    return send(bytes(words)).read();
  }

  /** One answer: lists as {@code [a, b]}, errors with their minus, nothing as {@code null}. */
  String read() throws IOException {
    int kind = in.read();
    if (kind < 0) {
      throw new EOFException("closed");
    }
    String line = line();
    return switch (kind) {
      case '+', ':' -> line;
      case '-' -> "-" + line;
      case '_' -> "null";
      case '$', '=' -> bulk(Integer.parseInt(line));
      case '*', '~' -> list(Integer.parseInt(line));
      case '%' -> "%" + list(2 * Integer.parseInt(line));
      default -> throw new IOException("not an answer: " + (char) kind + line);
    };
  }

  private String bulk(int length) throws IOException {
    if (length < 0) {
      return "null";
    }
    String text = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    line();
    return text;
  }

  private String list(int size) throws IOException {
    List<String> items = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      items.add(read());
    }
    return items.toString();
  }

  private String line() throws IOException {
    StringBuilder text = new StringBuilder();
    int b = in.read();
    while (b >= 0 && b != '\r') {
      text.append((char) b);
      b = in.read();
    }
    if (b < 0 || in.read() != '\n') {
      throw new EOFException("closed within: " + text);
    }
    return text.toString();
  }

  /** Whether nothing comes any more. */
  boolean isClosedByServer() throws IOException {
    try {
      return in.read() < 0;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  Socket socket() {
    return socket;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
