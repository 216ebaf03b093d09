// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import dev.weir.server.wire.ByteWriter;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.List;
import java.util.Set;
import org.slf4j.event.KeyValuePair;

/**
 * A line of JSON for each event, with its key-value pairs beside the line's own fields. The message
 * of an event that has such pairs is its name, {@code event}.
 */
final class JsonLines extends EncoderBase<ILoggingEvent> {
  // Logback's own encoder nests the pairs as a list of objects, which no query finds.

  private static final int MAX_MESSAGE = 8_192;
  private static final int MAX_VALUE = 1_024;
  private static final int MAX_ERROR = 16_384;
  private static final Set<String> OWN =
      Set.of("timestamp", "level", "logger", "thread", "message", "event", "error");
  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

  @Override
  public byte[] headerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] footerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    ByteWriter out = new ByteWriter();
    Instant time = Instant.ofEpochMilli(event.getTimeStamp());
    out.text("{\"timestamp\":").quoted(TIME.format(time));
    out.text(",\"level\":").quoted(event.getLevel().toString());
    out.text(",\"logger\":").quoted(event.getLoggerName());
    out.text(",\"thread\":").quoted(String.valueOf(event.getThreadName()));
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    boolean named = pairs != null && !pairs.isEmpty();
    out.text(named ? ",\"event\":" : ",\"message\":");
    out.quoted(cut(String.valueOf(event.getFormattedMessage()), MAX_MESSAGE));
    if (pairs != null) {
      for (KeyValuePair pair : pairs) {
        out.text(",").quoted(OWN.contains(pair.key) ? pair.key + "_" : pair.key).text(":");
        value(out, pair.value);
      }
    }
    IThrowableProxy error = event.getThrowableProxy();
    if (error != null) {
      out.text(",\"error\":").quoted(cut(ThrowableProxyUtil.asString(error), MAX_ERROR));
    }
    return out.text("}\n").toBytes();
  }

  private static void value(ByteWriter out, Object value) {
    switch (value) {
      case Integer number -> out.number(number);
      case Long number -> out.number(number);
      case Double number when Double.isFinite(number) -> out.text(number.toString());
      case Boolean truth -> out.text(truth.toString());
      case null -> out.text("null");
      default -> out.quoted(cut(value.toString(), MAX_VALUE));
    }
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most) + "…";
  }
}
