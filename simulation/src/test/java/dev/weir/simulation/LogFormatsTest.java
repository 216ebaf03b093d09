// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.Descriptor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read out of logs as they are found in the field. */
final class LogFormatsTest {

  private static final String[] ASKED = {
    "address", "user", "method", "path", "query:q", "status", "host", "user-agent", "duration"
  };

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Apache's common format, and with a leading host name that has blanks behind it.
        "192.0.2.7 - ann [10/Oct/2025:13:55:36 +0000] \"GET /a/b?q=1 HTTP/1.1\" 200 12",
        // The combined format of nginx and Apache.
        "192.0.2.7 - ann [10/Oct/2025:15:55:36 +0200] \"GET /a/b?q=1 HTTP/2.0\" 200 12 \"-\" \"agent\"",
        // With a request to a proxy.
        "192.0.2.7 - ann [10/Oct/2025:13:55:36 +0000] \"GET http://h/a/b?q=1 HTTP/1.1\" 200 - \"-\" \"agent\"",
        // nginx, as JSON.
        "{\"time_local\":\"10/Oct/2025:13:55:36 +0000\",\"remote_addr\":\"192.0.2.7\",\"remote_user\":\"ann\",\"request\":\"GET /a/b?q=1 HTTP/1.1\",\"status\":\"200\",\"body_bytes_sent\":\"12\",\"http_user_agent\":\"agent\",\"request_time\":\"0.012\"}",
        "{\"msec\":\"1760104536.000\",\"remote_addr\":\"192.0.2.7\",\"remote_user\":\"ann\",\"request_method\":\"GET\",\"request_uri\":\"/a/b?q=1\",\"status\":200}",
        // Envoy.
        "{\"start_time\":\"2025-10-10T13:55:36.000Z\",\"method\":\"GET\",\"path\":\"/a/b?q=1\",\"protocol\":\"HTTP/1.1\",\"response_code\":200,\"duration\":12,\"downstream_remote_address\":\"192.0.2.7:4711\",\"user_agent\":\"agent\",\"user\":\"ann\",\"x_forwarded_for\":null}",
        // Caddy.
        "{\"level\":\"info\",\"ts\":1760104536.0000001,\"logger\":\"http.log.access\",\"request\":{\"remote_ip\":\"10.0.0.1\",\"client_ip\":\"192.0.2.7\",\"proto\":\"HTTP/1.1\",\"method\":\"GET\",\"host\":\"h\",\"uri\":\"/a/b?q=1\",\"headers\":{\"User-Agent\":[\"agent\",\"b\"]}},\"user_id\":\"ann\",\"duration\":0.012,\"size\":12,\"status\":200}",
        // Traefik.
        "{\"ClientAddr\":\"192.0.2.7:4711\",\"ClientHost\":\"192.0.2.7\",\"ClientUsername\":\"ann\",\"DownstreamStatus\":200,\"Duration\":12000000,\"RequestMethod\":\"GET\",\"RequestPath\":\"/a/b?q=1\",\"RequestHost\":\"h\",\"StartUTC\":\"2025-10-10T13:55:36.0Z\",\"time\":\"2025-10-10T13:55:36Z\"}",
        // The Elastic common schema, nested and flat.
        "{\"@timestamp\":\"2025-10-10T13:55:36Z\",\"client\":{\"ip\":\"192.0.2.7\"},\"user\":{\"name\":\"ann\"},\"http\":{\"request\":{\"method\":\"GET\"},\"response\":{\"status_code\":200}},\"url\":{\"original\":\"/a/b?q=1\"}}",
        "{\"@timestamp\":\"2025-10-10T13:55:36Z\",\"client.ip\":\"192.0.2.7\",\"user.name\":\"ann\",\"http.request.method\":\"GET\",\"http.response.status_code\":200,\"url.original\":\"/a/b?q=1\"}",
        // CSV, with quotes, tabs and semicolons.
        "time,address,user,method,target,status\n2025-10-10T13:55:36Z,192.0.2.7,ann,GET,/a/b?q=1,200",
        "Time;IP;Username;Verb;URL;Code\n\"2025-10-10 13:55:36\";\"192.0.2.7\";\"ann\";GET;\"/a/b?q=1\";200",
        "ts\tclient_ip\tuser\tmethod\tpath\tstatus\n1760104536\t192.0.2.7\tann\tGET\t/a/b?q=1\t200\r",
      })
  void line_ofTheField_hasTheSameRequest(String log) {
    LogFields fields = new LogFields();
    List<String> found = values(fields, LogSyntax.detected(), Logs.text(log + "\n"), ASKED);
    assertThat(found.subList(0, 6)).containsExactly("192.0.2.7", "ann", "GET", "/a/b", "1", "200");
  }

  @Test
  void line_withBlanksInTheUser_endsItWhereTheTimeBegins() {
    String log = "::1 - a [b c [10/Oct/2025:13:55:36 +0000] \"GET / HTTP/1.1\" 200 1\n";
    assertThat(values(new LogFields(), LogSyntax.detected(), Logs.text(log), "address", "user"))
        .containsExactly("::1", "a [b c");
  }

  @Test
  void line_withoutARequest_stillCounts() {
    String log =
        "192.0.2.7 - - [10/Oct/2025:13:55:36 +0000] \"\\x16\\x03\\x01\" 400 1 \"-\" \"-\"\n";
    assertThat(
            values(
                new LogFields(), LogSyntax.detected(), Logs.text(log), "address", "method", "path"))
        .containsExactly("192.0.2.7", null, null);
  }

  @Test
  void line_withMoreThanTheCombinedFormat_hasItAsExtras() {
    String log =
        "192.0.2.7 - - [10/Oct/2025:13:55:36 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"a \\\" b\" \"t 1\" 0.5\n";
    assertThat(
            values(
                new LogFields(),
                LogSyntax.detected(),
                Logs.text(log),
                "user-agent",
                "extra.1",
                "extra.2",
                "extra.3"))
        .containsExactly("a \\\" b", "t 1", "0.5", null);
  }

  @Test
  void json_withNamesOfItsOwn_isMapped() {
    LogFields fields = new LogFields();
    fields.map("time", "when");
    fields.map("address", "peer.addr");
    String log =
        "{\"when\":1760104536123,\"peer\":{\"addr\":\"[2001:db8::1]:80\"},\"tenant\":{\"id\":7}}\n";
    assertThat(values(fields, LogSyntax.detected(), Logs.text(log), "address", "tenant.id"))
        .containsExactly("2001:db8::1", "7");
  }

  @Test
  void csv_withoutNames_takesThoseThatAreGiven() {
    LogSyntax syntax =
        new LogSyntax(
            Optional.of(LogFormat.CSV),
            ZoneOffset.UTC,
            Optional.empty(),
            List.of("time", "tenant", "cost"),
            Optional.of('|'));
    assertThat(
            values(
                new LogFields(),
                syntax,
                Logs.text("1760104536|\"a|\"\"b\"\"\"|3\n"),
                "tenant",
                "cost"))
        .containsExactly("a|\"b\"", "3");
  }

  @Test
  void log_ofNoKnownFormat_isRefusedWithWhatItBeginsWith() {
    assertThatThrownBy(
            () -> values(new LogFields(), LogSyntax.detected(), Logs.text("# hello\n"), "user"))
        .isInstanceOf(UnreadableLogException.class)
        .hasMessageContaining("test.log: format: \"# hello\" (expected: combined, json, or csv");
  }

  @Test
  void log_compressedByGzip_isReadAndOneCutShortAsFarAsItGoes() throws IOException {
    StringBuilder text = new StringBuilder();
    Random random = new Random(5);
    for (int i = 0; i < 20_000; i++) {
      text.append(Logs.line("10.0.0." + random.nextInt(250), i / 100.0));
    }
    byte[] compressed = gzip(text.toString());

    SimulationReport whole =
        Logs.byAddress(Logs.perClient("1 per day"), Logs.bytes(compressed)).build().run();
    assertThat(whole.input().requests()).isEqualTo(20_000);
    assertThat(whole.input().broken()).isFalse();

    byte[] cut = Arrays.copyOf(compressed, compressed.length / 2);
    SimulationReport half =
        Logs.byAddress(Logs.perClient("1 per day"), Logs.bytes(cut)).build().run();
    assertThat(half.input().broken()).isTrue();
    assertThat(half.input().notes().getFirst()).contains("test.log: not read to its end");
    assertThat(half.input().requests()).isBetween(1L, 19_999L);
  }

  /** Whatever a line holds: no exception, and it is a request, malformed or skipped. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void log_ofMutatedLines_isCountedLineByLine(long seed) throws IOException {
    Random random = new Random(seed);
    List<String> good =
        List.of(
            Logs.line("192.0.2.7", 1).strip(),
            "{\"ts\":1760104536.5,\"request\":{\"uri\":\"/a?b\",\"headers\":{\"A\":[\"b\"]}},\"ip\":\"::1\"}",
            "1760104536,192.0.2.7,\"a\"\"b\",GET");
    for (LogFormat format : LogFormat.values()) {
      ByteArrayOutputStream log = new ByteArrayOutputStream();
      int lines = 0;
      for (int i = 0; i < 3_000; i++) {
        byte[] line = mutate(good.get(random.nextInt(good.size())).getBytes(), random);
        log.write(line);
        log.write('\n');
        lines += line.length == 0 || line.length == 1 && line[0] == '\r' ? 0 : 1;
      }
      LogSyntax syntax =
          new LogSyntax(
              Optional.of(format),
              ZoneOffset.UTC,
              Optional.empty(),
              List.of("time", "address", "user", "method"),
              Optional.empty());
      SimulationReport report =
          Logs.byAddress(Logs.perClient("1 per second"), Logs.bytes(log.toByteArray()))
              .syntax(syntax)
              .build()
              .run();
      assertThat(report.input().lines()).as("%s, seed %s", format, seed).isEqualTo(lines);
      assertThat(report.input().requests() + report.input().malformed()).isEqualTo(lines);
      assertThat(report.input().malformed()).isPositive();
    }
  }

  private static byte[] mutate(byte[] line, Random random) {
    byte[] mutated = line.clone();
    for (int i = random.nextInt(6); i > 0; i--) {
      switch (random.nextInt(4)) {
        case 0 -> mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
        case 1 -> mutated = Arrays.copyOf(mutated, 1 + random.nextInt(mutated.length));
        case 2 -> {
          byte[] special = "\"\\[]{}:,- \u0000".getBytes();
          mutated[random.nextInt(mutated.length)] = special[random.nextInt(special.length)];
        }
        default -> {
          int from = random.nextInt(mutated.length);
          byte[] rest = Arrays.copyOfRange(mutated, from, mutated.length);
          mutated = Arrays.copyOf(mutated, mutated.length + rest.length);
          System.arraycopy(rest, 0, mutated, mutated.length - rest.length, rest.length);
        }
      }
    }
    for (int i = 0; i < mutated.length; i++) {
      mutated[i] = mutated[i] == '\n' ? (byte) ' ' : mutated[i];
    }
    return mutated;
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes());
    }
    return bytes.toByteArray();
  }

  /** What the only request of a log has; its time must be {@link Logs#T0}, to the second. */
  private static List<String> values(
      LogFields fields, LogSyntax syntax, LogSource log, String... names) {
    List<LogField> wanted = Arrays.stream(names).map(fields::field).toList();
    TreeMap<Long, List<String>> found = new TreeMap<>();
    SimulationReport report =
        Simulation.builder()
            .fields(fields)
            .syntax(syntax)
            .log(log)
            .policies("test.yaml", Logs.perClient("1 per day"))
            .descriptors(
                record -> {
                  List<String> values = new ArrayList<>();
                  wanted.forEach(field -> values.add(record.value(field).orElse(null)));
                  found.put(record.micros() / 1_000_000, Collections.unmodifiableList(values));
                  return List.of(Descriptor.of("web", "ip", "a"));
                })
            .build()
            .run();
    assertThat(report.input().requests()).as("%s", report.input()).isEqualTo(1);
    assertThat(found).containsOnlyKeys(Logs.T0 / 1_000_000);
    return found.firstEntry().getValue();
  }
}
