// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The log of the process while servers run in it: as their configuration says, and without anybody
 * waiting for it. Leaves a log alone that somebody else has configured.
 */
final class ServerLog implements AutoCloseable {

  private static int open;

  private final @Nullable LogAppender appender;
  private boolean closed;

  private ServerLog(@Nullable LogAppender appender) {
    this.appender = appender;
  }

  static ServerLog open(LogSettings settings) {
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)
        || !(context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender(LogAppender.NAME)
            instanceof LogAppender appender)) {
      return new ServerLog(null);
    }
    appender.encoder(LogConfigurator.encoder(context, settings.format()));
    context.getLogger("dev.weir").setLevel(Level.toLevel(settings.level().name()));
    synchronized (ServerLog.class) {
      open++;
      appender.defer();
    }
    return new ServerLog(appender);
  }

  /** Lines that were left out because nobody took them. */
  long dropped() {
    return appender == null ? 0 : appender.dropped();
  }

  /** Writes what is left. May be called more than once. */
  @Override
  public void close() {
    synchronized (ServerLog.class) {
      if (appender == null || closed) {
        return;
      }
      closed = true;
      open--;
      if (open > 0) {
        return;
      }
      try {
        appender.flush();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
