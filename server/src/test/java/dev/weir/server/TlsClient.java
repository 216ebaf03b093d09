// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Locale;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Clients of tests that speak TLS. */
final class TlsClient {

  private static final char[] NO_PASSWORD = {};

  private TlsClient() {}

  /** What a client speaks TLS with. */
  static SSLContext trusting(Path ca, Path... certificateAndKey) {
    try {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, NO_PASSWORD);
      trusted.setCertificateEntry("ca", Pem.certificates(ca).getFirst());
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      KeyStore own = KeyStore.getInstance(KeyStore.getDefaultType());
      own.load(null, NO_PASSWORD);
      if (certificateAndKey.length == 2) {
        own.setKeyEntry(
            "client",
            Pem.privateKey(certificateAndKey[1]),
            NO_PASSWORD,
            Pem.certificates(certificateAndKey[0]).toArray(X509Certificate[]::new));
      }
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own, NO_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static HttpClient client(SSLContext context, HttpClient.Version version) {
    return HttpClient.newBuilder().sslContext(context).version(version).build();
  }

  static HttpResponse<String> get(HttpClient client, TestServer server, String target)
      throws IOException {
    try {
      return client.send(
          HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + target)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  static HttpResponse<String> health(SSLContext context, TestServer server) throws IOException {
    try (HttpClient client = client(context, HttpClient.Version.HTTP_1_1)) {
      return get(client, server, "/health");
    }
  }

  static SSLSocket socket(TestServer server, SSLContext context, String... protocols)
      throws IOException {
    SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(10_000);
    if (protocols.length > 0) {
      socket.setEnabledProtocols(protocols);
    }
    return socket;
  }

  static void send(SSLSocket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }

  static String line(SSLSocket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder line = new StringBuilder();
    int b = in.read();
    while (b >= 0 && b != '\n') {
      line.append((char) b);
      b = in.read();
    }
    return line.toString().strip();
  }

  static boolean shakesHands(SSLContext context, TestServer server) throws IOException {
    try (SSLSocket socket = socket(server, context)) {
      socket.startHandshake();
      return true;
    } catch (SSLHandshakeException e) {
      return false;
    }
  }

  /** The body of the next answer, whose status is 200. */
  static String answer(SSLSocket socket) throws IOException {
    assertThat(line(socket)).isEqualTo("HTTP/1.1 200 OK");
    return rest(socket);
  }

  /** The body of an answer whose status line was read. */
  static String rest(SSLSocket socket) throws IOException {
    int length = 0;
    for (String line = line(socket); !line.isEmpty(); line = line(socket)) {
      if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(line.substring(15).strip());
      }
    }
    return new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
  }
}
