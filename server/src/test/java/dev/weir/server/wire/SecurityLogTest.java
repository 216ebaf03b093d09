// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.weir.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class SecurityLogTest {

  private final Logger logger = (Logger) LoggerFactory.getLogger(SecurityLog.LOGGER);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final ManualTimeSource time = ManualTimeSource.create();
  private final Map<SecurityLog.Event, Integer> counted = new EnumMap<>(SecurityLog.Event.class);
  private final SecurityLog log =
      new SecurityLog(time, event -> counted.merge(event, 1, Integer::sum));

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
    logger.setAdditive(false);
  }

  @AfterEach
  void ignore() {
    logger.detachAppender(lines);
    logger.setAdditive(true);
  }

  private List<String> told() {
    return lines.list.stream()
        .map(
            line ->
                line.getMessage()
                    + line.getKeyValuePairs().stream()
                        .map(pair -> ' ' + pair.key + '=' + pair.value)
                        .collect(Collectors.joining()))
        .toList();
  }

  @Test
  void event_isToldWithItsPairs() {
    log.alert(SecurityLog.Event.IP_NOT_ALLOWED, "10.0.0.1", "public");
    log.alert(SecurityLog.Event.TLS_HANDSHAKE_FAILED, "10.0.0.1", "public", "a\r\nb\u2028c");
    assertThat(told())
        .containsExactly(
            "security_alert type=ip_not_allowed address=10.0.0.1 listener=public",
            "security_alert type=tls_handshake_failed address=10.0.0.1 listener=public"
                + " detail=a??b?c");
  }

  @Test
  void sameAddress_isToldOnceAMinute_andAlwaysCounted() {
    for (int i = 0; i < 5; i++) {
      log.alert(SecurityLog.Event.IP_BLOCKED, "10.0.0.1", "public");
    }
    assertThat(told()).hasSize(1);
    assertThat(counted).containsExactly(Map.entry(SecurityLog.Event.IP_BLOCKED, 5));
    time.advance(Duration.ofMinutes(1));
    log.alert(SecurityLog.Event.IP_BLOCKED, "10.0.0.1", "public");
    assertThat(told()).hasSize(2);
    assertThat(told().getLast()).endsWith(" omitted=4");
  }

  @Test
  void addressesOfOneIpv6Network_areOne() {
    log.alert(SecurityLog.Event.INVALID_KEY, "2001:db8::1", "public");
    log.alert(SecurityLog.Event.INVALID_KEY, "2001:db8::ffff:1", "public");
    log.alert(SecurityLog.Event.INVALID_KEY, "2001:db8:0:1::1", "public");
    assertThat(told()).hasSize(2);
  }

  @Test
  void manyAddresses_areToldOfUpToTheBound() {
    for (int i = 0; i < 100_000; i++) {
      log.alert(
          SecurityLog.Event.IP_NOT_ALLOWED,
          "10." + i / 65_536 + '.' + i / 256 % 256 + '.' + i % 256,
          "public");
    }
    assertThat(told()).hasSize(SecurityLog.MAX_LINES);
    assertThat(counted.get(SecurityLog.Event.IP_NOT_ALLOWED)).isEqualTo(100_000);
    // Another type has room of its own.
    log.alert(SecurityLog.Event.INVALID_KEY, "10.0.0.1", "public");
    assertThat(told()).hasSize(SecurityLog.MAX_LINES + 1);
    time.advance(Duration.ofMinutes(1));
    log.alert(SecurityLog.Event.IP_NOT_ALLOWED, "10.0.0.1", "public");
    assertThat(told().getLast()).endsWith(" omitted=" + (100_000 - SecurityLog.MAX_LINES));
  }
}
