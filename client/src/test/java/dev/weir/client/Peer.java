// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Something on a loopback port that is not what a client hopes for. */
final class Peer implements AutoCloseable {

  /** Serves a connection to its end. */
  interface Conversation {
    void talk(Socket client) throws IOException, InterruptedException;
  }

  private final ServerSocket server;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicInteger accepted = new AtomicInteger();

  private Peer(Conversation conversation) {
    try {
      server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(() -> accept(conversation));
  }

  /** Reads and never answers. */
  static Peer silent() {
    return new Peer(client -> client.getInputStream().transferTo(OutputStream.nullOutputStream()));
  }

  /** Answers the first request of each connection with a text and hangs up. */
  static Peer saying(String text) {
    return new Peer(
        client -> {
          InputStream in = client.getInputStream();
          byte[] some = new byte[65_536];
          if (in.read(some) >= 0) {
            client.getOutputStream().write(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            client.getOutputStream().flush();
            client.shutdownOutput();
            in.transferTo(OutputStream.nullOutputStream());
          }
        });
  }

  /** Answers with a body that never ends. */
  static Peer endless() {
    return new Peer(
        client -> {
          OutputStream out = client.getOutputStream();
          client.getInputStream().read(new byte[65_536]);
          out.write("HTTP/1.1 200 OK\r\nContent-Length: 2000000000\r\n\r\n".getBytes());
          byte[] spaces = " ".repeat(65_536).getBytes();
          while (true) {
            out.write(spaces);
          }
        });
  }

  /** Passes bytes on to a port, and back once a latch is open. */
  static Peer relay(int port, CountDownLatch back) {
    return new Peer(
        client -> {
          try (Socket weir = new Socket(InetAddress.getLoopbackAddress(), port)) {
            Thread answers =
                Thread.ofVirtual()
                    .start(
                        () -> {
                          try {
                            back.await();
                            weir.getInputStream().transferTo(client.getOutputStream());
                          } catch (IOException | InterruptedException e) {
                            Thread.currentThread().interrupt();
                          }
                        });
            client.getInputStream().transferTo(weir.getOutputStream());
            answers.interrupt();
          }
        });
  }

  private void accept(Conversation conversation) {
    try {
      while (true) {
        Socket client = server.accept();
        client.setTcpNoDelay(true);
        accepted.incrementAndGet();
        sockets.add(client);
        Thread.ofVirtual()
            .start(
                () -> {
                  try (client) {
                    conversation.talk(client);
                  } catch (IOException | InterruptedException e) {
                    sockets.remove(client);
                  }
                });
      }
    } catch (IOException closed) {
      sockets.clear();
    }
  }

  /** Connections so far. */
  int accepted() {
    return accepted.get();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort());
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    server.close();
  }
}
