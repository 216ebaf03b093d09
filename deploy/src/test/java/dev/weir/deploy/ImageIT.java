// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.redis.fixtures.Ports;
import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.redis.fixtures.RequiresProgram;
import dev.weir.redis.fixtures.RespConnection;
import dev.weir.redis.fixtures.TestCertificates;
import dev.weir.rls.api.RateLimitDescriptor;
import dev.weir.rls.api.RateLimitRequest;
import dev.weir.rls.api.RateLimitResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The image's content, run on this machine as a container would run it: no module of Java is
 * missing for any front end, nothing is written, signals arrive.
 */
@RequiresProgram({"bash", "kill"})
@Timeout(300)
final class ImageIT {
  private static final String TOKEN = "a-token-for-this-test-and-no-other-0123456789";
  private static final String GRPC = "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit";

  private final int[] ports = Ports.free(4);
  private Path folder;
  private Process server;

  @BeforeEach
  void makeFolder() {
    folder = Machine.readableFolder();
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (server != null) {
      server.destroyForcibly().waitFor();
    }
  }

  @Test
  void modules_areThoseThatTheJarsNeed() throws IOException {
    Path classes = folder.resolve("classes");
    try (Stream<Path> jars = Files.list(Image.folder().resolve("lib"))) {
      for (Path jar : jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
        unpack(jar, classes);
      }
    }
    java.io.StringWriter found = new java.io.StringWriter();
    ToolProvider jdeps = ToolProvider.findFirst("jdeps").orElseThrow();
    int status =
        jdeps.run(
            new java.io.PrintWriter(found),
            new java.io.PrintWriter(found),
            "--ignore-missing-deps",
            "--list-deps",
            classes.toString());
    assertThat(status).as(found.toString()).isZero();
    Set<String> needed =
        found
            .toString()
            .lines()
            .map(String::strip)
            // A module, or a package of one that it does not export to all.
            .map(line -> line.replaceAll("/.*", ""))
            .filter(line -> line.matches("[a-z.]+"))
            .collect(Collectors.toCollection(TreeSet::new));
    List<String> lines = Files.readAllLines(Machine.ROOT.resolve("deploy/image/modules"));
    Set<String> listed =
        lines.stream()
            .filter(line -> !line.startsWith("#") && !line.startsWith("+"))
            .map(line -> line.replace("-", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(needed).isEqualTo(listed);
  }

  /** Classes for every Java, without the descriptors that would make modules of them. */
  private static void unpack(Path jar, Path into) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      for (var entry : file.stream().toList()) {
        if (entry.getName().endsWith(".class")
            && !entry.getName().startsWith("META-INF/")
            && !entry.getName().equals("module-info.class")) {
          Path target = into.resolve(entry.getName());
          Files.createDirectories(target.getParent());
          try (InputStream in = file.getInputStream(entry)) {
            Files.copy(in, target);
          }
        }
      }
    }
  }

  @Test
  void everyFrontEnd_withRedisOverTls_answers() throws Exception {
    TestCertificates certificates = TestCertificates.in(folder);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
      }
    }
    try (RedisProcess redis =
        RedisProcess.builder().tls(certificates).password("of-this-test").appendOnly().start()) {
      Path configuration = folder.resolve("weir.yaml");
      Files.writeString(configuration, configuration(certificates));
      start(Map.of("WEIR_CONFIG", configuration.toString(), "REDIS_URL", redis.url()), ports[1]);
      asContainer();

      HttpClient tls = client(certificates.ca());
      String https = "https://localhost:" + ports[0];
      HttpResponse<String> checked = get(tls, https + "/v1/check?domain=shop&user=1");
      assertThat(checked.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(checked.body()).contains("\"allowed\":true", "\"remaining\":1");
      assertThat(get(tls, https + "/hello/2").statusCode()).isEqualTo(204);
      assertThat(get(tls, https + "/hello/2").headers().firstValue("RateLimit")).isPresent();
      assertThat(rateLimit(tls, https, "3").getOverallCode()).isEqualTo(RateLimitResponse.Code.OK);

      try (RespConnection resp = RespConnection.open(ports[2])) {
        assertThat(resp.call("CL.THROTTLE", "4", "15", "30", "60").toString()).contains("16");
      }
      HttpResponse<String> health =
          get(
              tls,
              "http://127.0.0.1:" + ports[1] + "/v1/admin/health",
              "Authorization",
              "Bearer " + TOKEN);
      assertThat(health.body()).startsWith("{\"status\":\"ok\"");
      assertThat(get(tls, "http://127.0.0.1:" + ports[1] + "/metrics").body())
          .contains("weir_store_up 1.0", "jvm_memory_used_bytes", "process_cpu_usage");
      // Four counters and the heartbeats: it was Redis that counted.
      assertThat(redis.cli("DBSIZE").number()).isGreaterThanOrEqualTo(4);
      // On a busy machine Redis may be there a moment after the server.
      assertThat(log().lines().filter(line -> !line.contains("started without Redis")))
          .noneMatch(line -> line.contains("WARN") || line.contains("ERROR"));
    }
  }

  private String configuration(TestCertificates certificates) {
    return """
        version: 1
        store:
          redis: { url: "${REDIS_URL}", ca: "%s", timeout: 5s }
        identities: { secret: what-this-test-hashes-its-keys-with }
        admin: { token: "%s" }
        listeners:
          - name: public
            host: 127.0.0.1
            port: %d
            serves: [routes, api, rls]
            tls: { certificate: "%s", private-key: "%s" }
          - { name: inner, host: 127.0.0.1, port: %d, serves: [admin, metrics, health] }
          - { name: resp, host: 127.0.0.1, port: %d, serves: [resp] }
        policies:
          - name: per-user
            domain: shop
            key: user
            limits: [3 per hour, 1000 per month in Europe/Berlin, 2 at once for 30s]
        routes:
          - path: /hello/{user}
            check: { domain: shop, entries: { user: "{path:user}" } }
            respond: { status: 204 }
        """
        .formatted(
            certificates.ca(),
            TOKEN,
            ports[0],
            certificates.serverCertificate(),
            certificates.serverKey(),
            ports[1],
            ports[2]);
  }

  @Test
  void limitsOfTheContainer_areHeld() {
    Machine.Outcome outcome =
        Machine.run(
            with("WEIR_JAVA_OPTS", "-XX:MaxRAM=200m -XX:+PrintFlagsFinal"),
            List.of(Image.folder().resolve("bin/weir").toString(), "--version"));
    assertThat(outcome.status()).isZero();
    assertThat(flag(outcome.output(), "UseContainerSupport")).isEqualTo("true");
    assertThat(Long.parseLong(flag(outcome.output(), "MaxHeapSize")))
        .isLessThanOrEqualTo(100 << 20);
  }

  private static String flag(String flags, String name) {
    var matcher = Pattern.compile("\\b" + name + "\\s+=\\s+(\\S+)").matcher(flags);
    assertThat(matcher.find()).as(name).isTrue();
    return matcher.group(1);
  }

  private static Map<String, String> with(String name, String value) {
    Map<String, String> all = new java.util.HashMap<>(Image.environment());
    all.put(name, value);
    return all;
  }

  @Test
  void container_isHealthyWhileItServes_keepsItsVolume_andEndsWithZero() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxrwxrwx"));
    Map<String, String> environment =
        Map.of(
            "WEIR_HOST",
            "127.0.0.1",
            "WEIR_PORT",
            Integer.toString(ports[0]),
            "WEIR_ADMIN_PORT",
            Integer.toString(ports[1]),
            "WEIR_ADMIN_TOKEN",
            TOKEN,
            "WEIR_DATA_DIR",
            data.toString());
    start(environment, ports[0]);
    asContainer();
    assertThat(healthy(environment)).isZero();
    assertThat(data.resolve("records.log")).isNotEmptyFile();
    try (Stream<String> status = Files.lines(Path.of("/proc/" + server.pid() + "/status"))) {
      assertThat(status.filter(line -> line.startsWith("CapEff")).toList())
          .allMatch(
              line ->
                  !System.getProperty("user.name").equals("root")
                      || line.endsWith("0000000000000000"));
    }

    String signal = Dockerfile.instructions("STOPSIGNAL").getFirst().replace("SIG", "");
    assertThat(Machine.run("kill", "-" + signal, Long.toString(server.pid())).status()).isZero();

    assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(server.exitValue()).as(log()).isZero();
    assertThat(healthy(environment)).isNotZero();
  }

  private static int healthy(Map<String, String> environment) {
    Map<String, String> all = new java.util.HashMap<>(Image.environment());
    all.putAll(environment);
    String check = Dockerfile.instructions("HEALTHCHECK").getFirst();
    assertThat(check).endsWith("CMD [\"healthy\"]");
    return Machine.run(all, List.of(Image.folder().resolve("bin/healthy").toString())).status();
  }

  /**
   * The process is the JVM itself, with its native code and its archive of classes from the image.
   */
  private void asContainer() throws IOException {
    String maps = Files.readString(Path.of("/proc/" + server.pid() + "/maps"));
    assertThat(maps)
        .contains(Image.folder() + "/java/lib/server/libjvm.so")
        .contains(Image.folder() + "/lib/weir.jsa");
    if (System.getProperty("os.arch").equals("amd64")) {
      assertThat(maps).contains(Image.folder() + "/java/lib/libnetty_transport_native_epoll");
    }
  }

  private void start(Map<String, String> environment, int port) {
    server = Image.start(environment, Dockerfile.words("CMD"), folder.resolve("server.log"));
    HttpClient client = HttpClient.newHttpClient();
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(
            () ->
                !server.isAlive()
                    || get(client, "http://127.0.0.1:" + port + "/health/ready").statusCode()
                        == 200);
    assertThat(server.isAlive()).as(log()).isTrue();
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("server.log"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static HttpResponse<String> get(HttpClient client, String url, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** A call of gRPC by hand: one message, whose length stands before it, each way. */
  private static RateLimitResponse rateLimit(HttpClient client, String url, String user)
      throws Exception {
    byte[] message =
        RateLimitRequest.newBuilder()
            .setDomain("shop")
            .addDescriptors(
                RateLimitDescriptor.newBuilder()
                    .addEntries(
                        RateLimitDescriptor.Entry.newBuilder().setKey("user").setValue(user)))
            .build()
            .toByteArray();
    ByteBuffer framed = ByteBuffer.allocate(5 + message.length);
    framed.put((byte) 0).putInt(message.length).put(message);
    HttpResponse<byte[]> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(url + GRPC))
                .headers("Content-Type", "application/grpc", "TE", "trailers")
                .POST(HttpRequest.BodyPublishers.ofByteArray(framed.array()))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    ByteBuffer body = ByteBuffer.wrap(answer.body());
    assertThat(body.get()).isZero();
    byte[] response = new byte[body.getInt()];
    body.get(response);
    return RateLimitResponse.parseFrom(response);
  }

  private static HttpClient client(Path authority) throws Exception {
    KeyStore known = KeyStore.getInstance(KeyStore.getDefaultType());
    known.load(null, null);
    try (InputStream pem = Files.newInputStream(authority)) {
      known.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(known);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return HttpClient.newBuilder().sslContext(context).build();
  }
}
