// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;

/**
 * Configures the log: one line an event on standard error, quiet by default. The environment
 * variables {@code WEIR_LOG_LEVEL} ({@code warn}, {@code info}, {@code debug}, …) and {@code
 * WEIR_LOG_FORMAT} ({@code text} or {@code json}) change that, and so does a server's
 * configuration.
 *
 * <p>Public because the log's own service loader makes it.
 */
public final class LogConfigurator extends ContextAwareBase implements Configurator {
  // In code, not in a file of the class path: reading XML is a tenth of the start.

  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z',UTC} %-5level %msg%replace( %kvp){' $', ''}%n%ex";

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    boolean json = variable(LogSettings.FORMAT, "text").equals("json");
    LogAppender appender =
        new LogAppender(encoder(context, json ? LogSettings.Format.JSON : LogSettings.Format.TEXT));
    appender.setContext(context);
    appender.start();
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(appender);
    // What becomes of connections is told by the store.
    context.getLogger("io.lettuce").setLevel(Level.ERROR);
    // One that its client begins while the process ends is closed at once: nobody misses it.
    context.getLogger("io.netty.channel.AbstractChannel").setLevel(Level.ERROR);
    context
        .getLogger("dev.weir")
        .setLevel(Level.toLevel(variable(LogSettings.LEVEL, "info"), Level.INFO));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /** Writes lines in a format. */
  static Encoder<ILoggingEvent> encoder(LoggerContext context, LogSettings.Format format) {
    return switch (format) {
      case JSON -> {
        JsonLines json = new JsonLines();
        json.setContext(context);
        json.start();
        yield json;
      }
      case TEXT -> {
        PatternLayoutEncoder text = new PatternLayoutEncoder();
        text.setContext(context);
        text.setPattern(PATTERN);
        text.start();
        yield text;
      }
    };
  }

  private static String variable(String name, String otherwise) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? otherwise : value;
  }
}
