// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The Redis protocol, command by command. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class RespTest {

  private static TestServer server;

  private RespClient client;

  @BeforeAll
  static void start() {
    server =
        TestServer.start(
            TestConfiguration.of(
                """
                version: 1
                listeners: [{ name: resp, port: 0, serves: [resp] }]
                policies:
                  - name: per-user
                    domain: shop
                    key: user
                    limits: [{ name: a, rate: 5 per 1000 s }]
                  - name: logins
                    domain: shop
                    match: { action: login }
                    key: [user, action]
                    limits: [{ name: a, rate: 2 per 1000 s }]
                  - name: pairs
                    domain: pairs
                    key: [a, b]
                    limits: [{ name: a, rate: 3 per 1000 s }]
                """));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void connect() throws IOException {
    client = new RespClient(server.port());
  }

  @AfterEach
  void disconnect() throws IOException {
    client.close();
  }

  @Test
  void clThrottle_answersAsRedisCell() throws IOException {
    // The example of redis-cell's own description.
    assertThat(client.ask("CL.THROTTLE user123 15 30 60 1")).isEqualTo("[0, 16, 15, -1, 2]");
    for (int i = 14; i >= 0; i--) {
      assertThat(client.ask("cl.throttle user123 15 30 60")).startsWith("[0, 16, " + i + ", -1, ");
    }
    assertThat(client.ask("CL.THROTTLE user123 15 30 60")).isEqualTo("[1, 16, 0, 2, 32]");
  }

  @Test
  void throttle_answersAsThrottlecrab() throws IOException {
    assertThat(client.ask("THROTTLE crab 3 1 1000")).isEqualTo("[1, 3, 2, 1000, 0]");
    assertThat(client.ask("THROTTLE crab 3 1 1000 2")).isEqualTo("[1, 3, 0, 3000, 0]");
    assertThat(client.ask("throttle crab 3 1 1000")).isEqualTo("[0, 3, 0, 3000, 1000]");
  }

  @Test
  void quantityZero_asksOnly() throws IOException {
    assertThat(client.ask("CL.THROTTLE ask 4 1 1000 0")).isEqualTo("[0, 5, 5, -1, 0]");
    assertThat(client.ask("CL.THROTTLE ask 4 1 1000 5")).isEqualTo("[0, 5, 0, -1, 5000]");
    assertThat(client.ask("CL.THROTTLE ask 4 1 1000 0")).isEqualTo("[0, 5, 0, -1, 5000]");
    assertThat(client.ask("THROTTLE ask 5 1 1000 0")).isEqualTo("[1, 5, 0, 5000, 0]");
  }

  @Test
  void quantityThatNeverFits_isDeniedWithoutARetry() throws IOException {
    assertThat(client.ask("CL.THROTTLE big 4 1 1000 6")).isEqualTo("[1, 5, 5, -1, 0]");
    assertThat(client.ask("THROTTLE big 5 1 1000 6")).isEqualTo("[0, 5, 5, 0, -1]");
    assertThat(client.ask("CL.THROTTLE big 4 1 1000 9000000000000")).isEqualTo("[1, 5, 5, -1, 0]");
  }

  @Test
  void rule21_otherParameters_keepWhatIsSpent() throws IOException {
    assertThat(client.ask("CL.THROTTLE change 9 1 1000 4")).isEqualTo("[0, 10, 6, -1, 4000]");
    assertThat(client.ask("CL.THROTTLE change 7 1 1000")).isEqualTo("[0, 8, 5, -1, 3000]");
    assertThat(client.ask("THROTTLE change 8 1 1000")).isEqualTo("[1, 8, 4, 4000, 0]");
  }

  @Test
  void badParameters_areErrorsInTheFieldsWords() throws IOException {
    assertThat(client.ask("THROTTLE k 3 1"))
        .isEqualTo("-ERR wrong number of arguments for 'throttle' command");
    assertThat(client.ask("CL.THROTTLE k 3 1 60 1 1"))
        .isEqualTo("-ERR wrong number of arguments for 'cl.throttle' command");
    assertThat(client.ask("THROTTLE k x 1 60")).isEqualTo("-ERR invalid max_burst");
    assertThat(client.ask("THROTTLE k 3 1.5 60")).isEqualTo("-ERR invalid count_per_period");
    assertThat(client.ask("THROTTLE k 3 1 60s")).isEqualTo("-ERR invalid period");
    assertThat(client.ask("THROTTLE k 3 1 60 9223372036854775808"))
        .isEqualTo("-ERR invalid quantity");
    assertThat(client.ask("THROTTLE k 3 1 60 -1")).isEqualTo("-ERR negative quantity: -1");
    assertThat(client.ask("THROTTLE k 0 1 60")).isEqualTo("-ERR invalid rate limit parameters");
    assertThat(client.ask("CL.THROTTLE k -1 1 60")).isEqualTo("-ERR invalid rate limit parameters");
    assertThat(client.ask("CL.THROTTLE k 0 0 60")).isEqualTo("-ERR invalid rate limit parameters");
    assertThat(client.ask("CL.THROTTLE k 0 1 60")).isEqualTo("[0, 1, 0, -1, 60]");
    assertThat(client.ask("THROTTLE k 9223372036854775807 1 60")).startsWith("-ERR max_burst: ");
    assertThat(client.ask("THROTTLE k 9007199254740990 7 999999999"))
        .startsWith("-ERR token bucket");
    assertThat(client.ask("THROTTLE", "k".repeat(5_000), "1", "1", "1"))
        .startsWith("-ERR bytes of the key: 5000 ");
    assertThat(client.ask("PING")).isEqualTo("PONG");
  }

  @Test
  void check_byAPolicysName_answersFiveNumbers() throws IOException {
    assertThat(client.ask("WEIR.CHECK per-user ann")).matches("\\[1, 5, 4, -1, 200000]");
    assertThat(client.ask("WEIR.CHECK shop/per-user ann 4")).startsWith("[1, 5, 0, -1, ");
    assertThat(client.ask("WEIR.CHECK per-user ann")).matches("\\[0, 5, 0, (199|200)\\d{3}, \\d+]");
    assertThat(client.ask("WEIR.CHECK logins bob")).startsWith("[1, 2, 1, -1, ");
  }

  @Test
  void check_byEntries_isOneStep() throws IOException {
    String both = "WEIR.CHECK DOMAIN pairs ENTRIES 2 a x b y COST 2 ENTRIES 2 a x b COST";
    assertThat(client.ask(both)).startsWith("[1, 3, 1, -1, ");
    // The first has one left, so neither is charged.
    assertThat(client.ask(both)).startsWith("[0, 3, ");
    assertThat(client.ask("WEIR.CHECK DOMAIN pairs ENTRIES 2 a x b COST"))
        .startsWith("[1, 3, 1, -1, ");
    assertThat(client.ask("WEIR.CHECK DOMAIN nowhere ENTRIES 1 a x"))
        .isEqualTo("[1, -1, -1, -1, 0]");
  }

  @Test
  void check_thatCannotBeUnderstood_isAnError() throws IOException {
    assertThat(client.ask("WEIR.CHECK nobody x")).isEqualTo("-ERR unknown policy 'nobody'");
    assertThat(client.ask("WEIR.CHECK pairs x"))
        .startsWith("-ERR policy 'pairs' needs the entries");
    assertThat(client.ask("WEIR.CHECK DOMAIN pairs ENTRIES 3 a x b y"))
        .startsWith("-ERR ENTRIES: 3");
    assertThat(client.ask("WEIR.CHECK DOMAIN pairs WHAT 1 a x"))
        .isEqualTo("-ERR syntax error near 'WHAT'");
    assertThat(client.ask("WEIR.CHECK per-user x one"))
        .isEqualTo("-ERR value is not an integer or out of range");
    assertThat(client.ask("WEIR.CHECK x"))
        .isEqualTo("-ERR wrong number of arguments for 'weir.check' command");
  }

  @Test
  void whatClientsAskFirst_isAnswered() throws IOException {
    assertThat(client.ask("PING hello")).isEqualTo("hello");
    assertThat(client.ask("ECHO hello")).isEqualTo("hello");
    assertThat(client.ask("SELECT 0")).isEqualTo("OK");
    assertThat(client.ask("SELECT 1")).isEqualTo("-ERR DB index is out of range");
    assertThat(client.ask("CLIENT GETNAME")).isEqualTo("null");
    assertThat(client.ask("CLIENT SETNAME me")).isEqualTo("OK");
    assertThat(client.ask("CLIENT GETNAME")).isEqualTo("me");
    assertThat(client.ask("CLIENT", "SETNAME", "a b")).startsWith("-ERR Client names cannot");
    assertThat(client.ask("CLIENT SETINFO LIB-NAME test")).isEqualTo("OK");
    assertThat(client.ask("CLIENT SETINFO LIB-VER 1.0")).isEqualTo("OK");
    assertThat(client.ask("CLIENT INFO")).contains("name=me", "lib-name=test", "lib-ver=1.0");
    assertThat(Long.parseLong(client.ask("CLIENT ID"))).isPositive();
    assertThat(client.ask("CLIENT KILL ID 1")).startsWith("-ERR unknown subcommand 'KILL'");
    assertThat(client.ask("COMMAND COUNT")).isEqualTo("14");
    assertThat(client.ask("COMMAND")).contains("[throttle, -5, [write");
    assertThat(client.ask("COMMAND INFO throttle get"))
        .startsWith("[[throttle")
        .endsWith(", null]");
    assertThat(client.ask("COMMAND DOCS throttle")).contains("summary, Takes from a token bucket");
    assertThat(client.ask("CONFIG GET save")).isEqualTo("[save, ]");
    assertThat(client.ask("INFO")).contains("redis_version:", "connected_clients:");
    assertThat(client.ask("AUTH secret")).startsWith("-ERR AUTH <password> called without any");
    assertThat(client.ask("GET x"))
        .isEqualTo("-ERR unknown command 'GET', with args beginning with: 'x' ");
    assertThat(client.ask("QUIT")).isEqualTo("OK");
    assertThat(client.isClosedByServer()).isTrue();
  }

  @Test
  void hello_choosesTheVersion() throws IOException {
    assertThat(client.ask("HELLO")).startsWith("[server, redis, version, ");
    assertThat(client.ask("HELLO 3 SETNAME three"))
        .startsWith("%[server, redis, version, ")
        .contains("proto, 3,");
    assertThat(client.ask("CLIENT GETNAME")).isEqualTo("three");
    assertThat(client.ask("CONFIG GET save")).isEqualTo("%[save, ]");
    assertThat(client.ask("THROTTLE third 3 1 1000")).isEqualTo("[1, 3, 2, 1000, 0]");
    assertThat(client.ask("HELLO 4")).isEqualTo("-NOPROTO unsupported protocol version");
    assertThat(client.ask("HELLO x")).startsWith("-ERR Protocol version is not an integer");
    assertThat(client.ask("HELLO 2 WHAT")).startsWith("-ERR Syntax error in HELLO option 'WHAT'");
    assertThat(client.ask("RESET")).isEqualTo("RESET");
    assertThat(client.ask("CLIENT GETNAME")).isEqualTo("null");
    assertThat(client.ask("CONFIG GET save")).isEqualTo("[save, ]");
  }

  @Test
  void inlineCommands_areUnderstood() throws IOException {
    client.send(
        "PING\r\n\r\n  ping \"a b\\x21\" \nTHROTTLE 'in\\'line' 3 1 1000\r\n*0\r\nECHO ''\r\n");
    assertThat(client.read()).isEqualTo("PONG");
    assertThat(client.read()).isEqualTo("a b!");
    assertThat(client.read()).isEqualTo("[1, 3, 2, 1000, 0]");
    assertThat(client.read()).isEmpty();
    client.send("ECHO \"open\r\n");
    assertThat(client.read()).isEqualTo("-ERR Protocol error: unbalanced quotes in request");
    assertThat(client.isClosedByServer()).isTrue();
  }

  @Test
  void pipeline_isAnsweredInItsOrder() throws IOException {
    StringBuilder commands = new StringBuilder();
    for (int i = 0; i < 5_000; i++) {
      commands.append("ECHO ").append(i).append("\r\n").append("THROTTLE pipe 9 1 1000 0\r\n");
    }
    client.send(commands.toString());
    for (int i = 0; i < 5_000; i++) {
      assertThat(client.read()).isEqualTo(Integer.toString(i));
      assertThat(client.read()).isEqualTo("[1, 9, 9, 0, 0]");
    }
  }
}
