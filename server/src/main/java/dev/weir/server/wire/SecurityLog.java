// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Network;
import dev.weir.core.TimeSource;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Tells of what looks like an attack: lines {@code security_alert} of the logger {@code
 * dev.weir.security}, with the type of the event, the address and the listener as key-value pairs.
 *
 * <p>Every event is counted by the listener; lines are bounded: one a minute for each type and
 * address (of IPv6 the first 64 bits), and {@value #MAX_LINES} a minute for each type. A line says
 * how many of its type were left out since the one before. No event carries a secret. Safe for use
 * by any thread.
 */
public final class SecurityLog {
  /*
   * Whether an address was told of lately is kept in a table of fixed size, one word each: the
   * minute and a digest. Two addresses at one place forget each other, so at worst a line comes
   * twice; the bound over all addresses holds nevertheless. Updates race without harm for the same
   * reason.
   */

  /** The logger's name. */
  public static final String LOGGER = "dev.weir.security";

  /** What every line's message is. */
  public static final String MESSAGE = "security_alert";

  /** Most lines of one type in a minute. */
  static final int MAX_LINES = 60;

  private static final int PLACES = 1 << 13;
  private static final int MAX_DETAIL = 200;
  private static final long MINUTE_MICROS = 60_000_000;
  private static final int MINUTE_BITS = 32;
  private static final Logger LOG = LoggerFactory.getLogger(LOGGER);

  /** What happened. */
  public enum Event {
    /** A listener's lists keep this address out. */
    IP_NOT_ALLOWED,
    /** A client did not get through the handshake, or came without the certificate it needs. */
    TLS_HANDSHAKE_FAILED,
    /** A key that is malformed or unknown. */
    INVALID_KEY,
    /** A request from a banned address. */
    IP_BLOCKED,
    /** A request to the administration without a valid token. */
    ADMIN_LOGIN_FAILED,
    /** A login over the Redis protocol without a valid token. */
    LOGIN_FAILED,
    /** A request of HTTP where the Redis protocol is spoken. */
    WRONG_PROTOCOL,
    /** A request that tells of another, from a peer that is no trusted proxy. */
    UNTRUSTED_PROXY;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** Its name in logs and metrics. */
    public String word() {
      return word;
    }
  }

  /** Hears of every event, told or not, on the thread that it happens on. */
  @FunctionalInterface
  public interface Listener {
    void happened(Event event);
  }

  private final TimeSource time;
  private final Listener listener;
  private final AtomicLongArray told = new AtomicLongArray(PLACES);
  private final Map<Event, Bound> bounds = new EnumMap<>(Event.class);

  /** The lines of one type. */
  private static final class Bound {
    private final AtomicLong minuteAndLines = new AtomicLong();
    private final AtomicLong omitted = new AtomicLong();

    /** Whether there is room for one more line in this minute. */
    boolean take(long minute) {
      long before = minuteAndLines.get();
      while (true) {
        boolean same = before >>> MINUTE_BITS == minute;
        long lines = same ? before & 0xFFFF_FFFFL : 0;
        if (lines >= MAX_LINES) {
          return false;
        }
        long witness = minuteAndLines.compareAndExchange(before, minute << MINUTE_BITS | lines + 1);
        if (witness == before) {
          return true;
        }
        before = witness;
      }
    }
  }

  public SecurityLog(TimeSource time, Listener listener) {
    this.time = requireNonNull(time, "time");
    this.listener = requireNonNull(listener, "listener");
    for (Event event : Event.values()) {
      bounds.put(event, new Bound());
    }
  }

  /**
   * Counts an event, and tells of it if it is not one of many.
   *
   * @param address the client's
   * @param where the listener's name
   */
  public void alert(Event event, String address, String where) {
    alert(event, address, where, "");
  }

  /**
   * Counts an event, and tells of it if it is not one of many.
   *
   * @param address the client's
   * @param where the listener's name
   * @param detail more about it, without any secret; empty for nothing
   */
  public void alert(Event event, String address, String where, String detail) {
    listener.happened(event);
    Bound bound = requireNonNull(bounds.get(event));
    long minute = time.micros() / MINUTE_MICROS & 0xFFFF_FFFFL;
    if (!isNew(event, address, minute) || !bound.take(minute)) {
      bound.omitted.incrementAndGet();
      return;
    }
    LoggingEventBuilder line =
        LOG.atWarn()
            .addKeyValue("type", event.word())
            .addKeyValue("address", clean(address))
            .addKeyValue("listener", where);
    if (!detail.isEmpty()) {
      line = line.addKeyValue("detail", clean(detail));
    }
    long omitted = bound.omitted.getAndSet(0);
    if (omitted > 0) {
      line = line.addKeyValue("omitted", omitted);
    }
    line.log(MESSAGE);
  }

  private boolean isNew(Event event, String address, long minute) {
    long digest = subject(address) * 31 + event.word().hashCode();
    // Two rounds of a 64-bit mix: neighbours must not share a place.
    digest = (digest ^ digest >>> 33) * 0xFF51_AFD7_ED55_8CCDL;
    digest = (digest ^ digest >>> 33) * 0xC4CE_B9FE_1A85_EC53L;
    int place = (int) (digest >>> 32) & PLACES - 1;
    long word = minute << MINUTE_BITS | digest & 0xFFFF_FFFFL;
    return told.getAndSet(place, word) != word;
  }

  private static long subject(String address) {
    try {
      return Network.around(address, 32, 64).toString().hashCode();
    } catch (IllegalArgumentException e) {
      return address.hashCode();
    }
  }

  /** What a client may have written must not look like another line. */
  private static String clean(String text) {
    StringBuilder clean = new StringBuilder(Math.min(text.length(), MAX_DETAIL));
    for (int i = 0; i < text.length() && i < MAX_DETAIL; i++) {
      char c = text.charAt(i);
      clean.append(c < ' ' || c >= 0x7f && c < 0xa0 || c == 0x2028 || c == 0x2029 ? '?' : c);
    }
    return clean.toString();
  }
}
