// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.core.Algorithm;
import dev.weir.core.CalendarPeriod;
import dev.weir.core.CalendarQuota;
import dev.weir.core.Concurrency;
import dev.weir.core.FixedWindow;
import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.SlidingLog;
import dev.weir.core.SlidingWindow;
import dev.weir.core.TokenBucket;
import dev.weir.server.Configuration;
import dev.weir.server.ServeOptions;
import dev.weir.server.WeirServer;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** 1 000 requests on 50 connections for one key: admitted is the limit, to the request. */
class ExactOverHttpTest {

  private static final int LIMIT = 137;
  private static final int CONNECTIONS = 50;
  private static final int REQUESTS_EACH = 20;

  static Stream<Algorithm> algorithms() {
    Duration day = Duration.ofDays(1);
    return Stream.of(
        // One permit in ten days: none returns while the test runs.
        new TokenBucket(LIMIT, 1, Duration.ofDays(10)),
        new FixedWindow(LIMIT, Duration.ofDays(365)),
        new SlidingWindow(LIMIT, Duration.ofDays(365)),
        new SlidingLog(LIMIT, day),
        new CalendarQuota(LIMIT, CalendarPeriod.YEAR, ZoneOffset.UTC),
        new Concurrency(LIMIT, day));
  }

  @ParameterizedTest
  @MethodSource("algorithms")
  void check_oneKeyOnManyConnections_admitsExactlyTheLimit(Algorithm algorithm) throws Exception {
    Policy policy =
        Policy.named("per-user")
            .domain("api")
            .key("user")
            .limit(Limit.of("only", algorithm))
            .build();
    ServeOptions options = ServeOptions.NONE.host("127.0.0.1").port(0).eventLoops(2).adminPort(0);
    Configuration configuration =
        Configuration.of(options, Map.of()).policies(PolicySet.of(List.of(policy)));
    try (WeirServer server = WeirServer.start(configuration)) {
      int port = server.ports().values().iterator().next();
      assertThat(admitted(port)).isEqualTo(LIMIT);
    }
  }

  private static int admitted(int port) throws Exception {
    CyclicBarrier together = new CyclicBarrier(CONNECTIONS);
    try (ExecutorService clients = Executors.newFixedThreadPool(CONNECTIONS)) {
      List<Future<Integer>> counts = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        Callable<Integer> client = () -> client(port, together);
        counts.add(clients.submit(client));
      }
      int admitted = 0;
      for (Future<Integer> count : counts) {
        admitted += count.get();
      }
      return admitted;
    }
  }

  private static int client(int port, CyclicBarrier together) throws Exception {
    String body =
        "{\"domain\":\"api\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\"u\"}]}]}";
    byte[] request =
        ("POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                + body.length()
                + "\r\n\r\n"
                + body)
            .getBytes(StandardCharsets.US_ASCII);
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(20_000);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      together.await();
      int admitted = 0;
      for (int i = 0; i < REQUESTS_EACH; i++) {
        socket.getOutputStream().write(request);
        admitted += answer(in).contains("\"allowed\":true") ? 1 : 0;
      }
      return admitted;
    }
  }

  private static String answer(DataInputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      head.append((char) in.readUnsignedByte());
    }
    assertThat(head.toString()).startsWith("HTTP/1.1 200");
    int length =
        Integer.parseInt(head.toString().replaceAll("(?si).*content-length: ([0-9]+).*", "$1"));
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }
}
