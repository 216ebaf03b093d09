// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may use the Redis protocol where the listener has tokens. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class RespLoginTest {

  private static final String ALL = "a-token-for-everything";
  private static final String CHECK = "a-token-for-checks";

  private static TestServer start(String deadline) {
    return TestServer.start(
        TestConfiguration.of(
            """
            version: 1
            http: { header-deadline: %s }
            listeners:
              - name: resp
                port: 0
                serves: [resp]
                tokens:
                  - { sha256: %s, scopes: [check, override] }
                  - { sha256: %s, scopes: [check] }
            policies:
              - { name: p, domain: d, key: k, limits: [{ name: l, rate: 3 per 1000 s }] }
            """
                .formatted(deadline, Sha256.of(ALL), Sha256.of(CHECK))));
  }

  private static TestServer start() {
    return start("30s");
  }

  @Test
  void stranger_mayLogInAndNothingElse() throws IOException {
    try (TestServer server = start();
        RespClient client = new RespClient(server.port())) {
      for (String command :
          new String[] {
            "PING", "INFO", "THROTTLE k 1 1 1000", "WEIR.CHECK p k", "COMMAND", "CLIENT ID", "GET x"
          }) {
        assertThat(client.ask(command)).isEqualTo("-NOAUTH Authentication required.");
      }
      assertThat(client.ask("HELLO 3")).startsWith("-NOAUTH HELLO must be called");
      assertThat(client.ask("AUTH wrong"))
          .isEqualTo("-WRONGPASS invalid username-password pair or user is disabled.");
      assertThat(client.ask("PING")).startsWith("-NOAUTH");
      assertThat(client.ask("AUTH default " + ALL)).isEqualTo("OK");
      assertThat(client.ask("PING")).isEqualTo("PONG");
      assertThat(client.ask("THROTTLE k 1 1 1000")).startsWith("[1, ");
      assertThat(client.ask("RESET")).isEqualTo("RESET");
      assertThat(client.ask("PING")).startsWith("-NOAUTH");
    }
  }

  @Test
  void hello_logsIn() throws IOException {
    try (TestServer server = start();
        RespClient client = new RespClient(server.port())) {
      assertThat(client.ask("HELLO 3 AUTH default no")).startsWith("-WRONGPASS");
      assertThat(client.ask("HELLO 3 AUTH default " + ALL + " SETNAME me")).contains("proto, 3");
      assertThat(client.ask("CLIENT GETNAME")).isEqualTo("me");
    }
  }

  @Test
  void token_allowsWhatItsScopesSay() throws IOException {
    try (TestServer server = start();
        RespClient client = new RespClient(server.port())) {
      assertThat(client.ask("AUTH " + CHECK)).isEqualTo("OK");
      assertThat(client.ask("WEIR.CHECK p k")).startsWith("[1, ");
      assertThat(client.ask("THROTTLE k 1 1 1000"))
          .isEqualTo(
              "-NOPERM the token has not the scope override, which the 'throttle' command needs");
      assertThat(client.ask("CL.THROTTLE k 1 1 1000")).startsWith("-NOPERM ");
    }
  }

  @Test
  void pipelineBehindALogin_waitsForIt() throws IOException {
    try (TestServer server = start();
        RespClient client = new RespClient(server.port())) {
      client.send("PING\r\nAUTH " + ALL + "\r\nPING\r\nAUTH wrong\r\nECHO still\r\n");
      assertThat(client.read()).startsWith("-NOAUTH");
      assertThat(client.read()).isEqualTo("OK");
      assertThat(client.read()).isEqualTo("PONG");
      assertThat(client.read()).startsWith("-WRONGPASS");
      assertThat(client.read()).isEqualTo("still");
    }
  }

  @Test
  void guessing_isEndedForTheAddress() throws IOException {
    try (CapturedLog log = new CapturedLog()) {
      guess();
      assertThat(log.lines("login_failed")).isNotEmpty();
      assertThat(log.text()).doesNotContain("guess-");
    }
  }

  private static void guess() throws IOException {
    try (TestServer server = start()) {
      try (RespClient client = new RespClient(server.port())) {
        for (int i = 0; i < 10; i++) {
          assertThat(client.ask("AUTH guess-" + i)).startsWith("-WRONGPASS");
        }
        assertThat(client.ask("AUTH " + ALL)).startsWith("-ERR too many failed logins, try again");
        assertThat(client.isClosedByServer()).isTrue();
      }
      try (RespClient again = new RespClient(server.port())) {
        assertThat(again.ask("AUTH " + ALL)).startsWith("-ERR too many failed logins, try again");
      }
    }
  }

  @Test
  void stranger_sendsSmallCommandsOnly() throws IOException {
    try (TestServer server = start()) {
      try (RespClient client = new RespClient(server.port())) {
        client.send("*11\r\n");
        assertThat(client.read()).isEqualTo("-ERR Protocol error: invalid multibulk length");
      }
      try (RespClient client = new RespClient(server.port())) {
        client.send("*2\r\n$4\r\nAUTH\r\n$1025\r\n");
        assertThat(client.read()).isEqualTo("-ERR Protocol error: invalid bulk length");
      }
    }
  }

  @Test
  void strangerThatDoesNotLogIn_isClosed() throws IOException {
    try (TestServer server = start("500ms");
        RespClient client = new RespClient(server.port())) {
      assertThat(client.ask("PING")).startsWith("-NOAUTH");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }
}
