// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import static dev.weir.deploy.ComposeFile.map;
import static dev.weir.deploy.Manifests.at;
import static dev.weir.deploy.Manifests.list;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redis.fixtures.Ports;
import dev.weir.redis.fixtures.RedisProcess;
import dev.weir.redis.fixtures.RequiresProgram;
import dev.weir.redis.fixtures.TestCertificates;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The serverless service as a process, as a platform would start it: PORT given, Redis by TLS. */
@RequiresProgram("bash")
@Timeout(300)
final class ServerlessIT {

  @Test
  void service_withARedisByTls_isSystemA() throws Exception {
    Map<String, Object> service =
        Manifests.read("deploy/serverless/service.yaml").get("Service", "weir");
    assertThat(service).containsEntry("apiVersion", "serving.knative.dev/v1");
    Map<String, Object> pod = map(at(service, "spec", "template", "spec"));
    Object container = at(pod, "containers", 0);
    assertThat(list(at(container, "env"))).noneMatch(each -> each.get("name").equals("PORT"));
    Path certificates = Machine.readableFolder();
    TestCertificates chain = TestCertificates.in(certificates);
    int port = Ports.free();
    Map<String, String> platform = new HashMap<>();
    platform.put("PORT", Integer.toString(port));
    platform.put("HOST", "127.0.0.1");
    platform.put("WEIR_REDIS_TIMEOUT", "5s");
    // In the place of an authority that every Java knows.
    platform.put(
        "WEIR_JAVA_OPTS",
        "-Djavax.net.ssl.trustStorePassword=of-the-test -Djavax.net.ssl.trustStore="
            + trusting(chain, certificates));
    try (RedisProcess redis = RedisProcess.builder().tls(chain).password("secret").start();
        PodProcess weir =
            new PodProcess(
                pod,
                Map.of(
                    "config",
                    Map.of(
                        "a.yaml",
                        Files.readString(Machine.ROOT.resolve("examples/profiles/a.yaml"))),
                    "secrets",
                    Map.of("redis-url", redis.url().replace("127.0.0.1", "localhost"))),
                platform)) {
      weir.awaitReady(port, at(container, "readinessProbe", "httpGet", "path").toString());
      for (int i = 1; i <= 110; i++) {
        assertThat(weir.send("POST", port, "/api/resource", "X-API-Key", "one").statusCode())
            .as("request %d: %s", i, weir.log())
            .isEqualTo(i <= 100 ? 200 : 429);
      }
      assertThat(redis.cli("DBSIZE").number()).isPositive();

      weir.process().destroy();
      assertThat(weir.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(weir.process().exitValue()).as(weir.log()).isZero();
    }
  }

  private static Path trusting(TestCertificates chain, Path folder) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (InputStream pem = Files.newInputStream(chain.ca())) {
      store.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    Path file = folder.resolve("trusted.p12");
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, "of-the-test".toCharArray());
    }
    return file;
  }
}
