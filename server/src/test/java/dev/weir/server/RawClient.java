// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A client that writes what it likes. */
final class RawClient implements AutoCloseable {

  private final Socket socket;

  RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
    socket.setTcpNoDelay(true);
  }

  RawClient send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
    return this;
  }

  RawClient send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /** Says that nothing more will come. */
  RawClient half() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /** Everything until the server closes. */
  String readAll() throws IOException {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    try {
      socket.getInputStream().transferTo(read);
    } catch (SocketTimeoutException e) {
      throw new IOException("still open after: " + read, e);
    } catch (IOException reset) {
      // A connection may be reset after its answer.
      read.write(0);
    }
    return read.toString(StandardCharsets.ISO_8859_1).replace("\0", "");
  }

  /** The status line, the fields and as much body as they tell. */
  String readAnswer() throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder text = new StringBuilder();
    while (text.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        return text.toString();
      }
      text.append((char) b);
    }
    int at = text.toString().toLowerCase(java.util.Locale.ROOT).indexOf("content-length:");
    if (at >= 0) {
      String line = text.substring(at + 15, text.indexOf("\r\n", at)).strip();
      for (int i = Integer.parseInt(line); i > 0; i--) {
        text.append((char) in.read());
      }
    }
    return text.toString();
  }

  /** So many lines, each with its end. */
  String readLines(int count) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder text = new StringBuilder();
    for (int lines = 0; lines < count; ) {
      int b = in.read();
      if (b < 0) {
        return text.toString();
      }
      text.append((char) b);
      lines += b == '\n' ? 1 : 0;
    }
    return text.toString();
  }

  boolean isClosedByServer() throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  void stopWaitingAfter(int millis) throws IOException {
    socket.setSoTimeout(millis);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
