// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Random;

/**
 * Made-up traffic as a log in the combined format, its times with microseconds. The same values
 * make the same bytes, on every machine.
 *
 * @param shape how requests come
 * @param seed of the random numbers
 * @param perSecond requests per second on average, those of attackers left out; 0.001..10 000 000
 * @param keys how many clients there are; 1..1 000 000, each with an address and a user
 * @param length how long it goes on; 1 ms..366 days
 * @param start when it begins
 */
public record SyntheticTraffic(
    Shape shape, long seed, double perSecond, int keys, Duration length, Instant start)
    implements LogSource {

  /** How requests come. */
  public enum Shape {
    /** At even distances, each client as likely as the others. */
    STEADY,
    /** At random, seven times the rate in one second of ten and a third of it in the others. */
    BURSTY,
    /** At random, the rate following the hour of the day: least at midnight, most at noon. */
    DIURNAL,
    /** At random, and in the middle fifth of the time ten addresses add nine times the rate. */
    ATTACK,
    /** At random, the client of rank k as often as 1/k. */
    ZIPF
  }

  private static final int ATTACKERS = 10;
  private static final long SECOND = 1_000_000;
  private static final String[] PATHS = {"/", "/login", "/search?q=", "/items/", "/api/orders/"};

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public SyntheticTraffic {
    if (!(perSecond >= 0.001 && perSecond <= 10_000_000)) {
      throw new IllegalArgumentException("rate: " + perSecond + " (expected: 0.001..10000000)");
    }
    if (keys < 1 || keys > 1_000_000) {
      throw new IllegalArgumentException("keys: " + keys + " (expected: 1..1000000)");
    }
    if (length.compareTo(Duration.ofMillis(1)) < 0 || length.compareTo(Duration.ofDays(366)) > 0) {
      throw new IllegalArgumentException("duration: " + length + " (expected: 1 ms..366 days)");
    }
    if (start.getEpochSecond() < 0
        || start.getEpochSecond() > BatchParser.MAX_MICROS / SECOND / 2) {
      throw new IllegalArgumentException("start: " + start + " (expected: 1970..2112)");
    }
  }

  /** The beginning of 2026, so that the same values mean the same whenever they are used. */
  public static final Instant USUAL_START = Instant.parse("2026-01-01T00:00:00Z");

  @Override
  public String name() {
    return "synthetic " + shape.name().toLowerCase(Locale.ROOT) + " traffic";
  }

  @Override
  public InputStream open() {
    return new Lines(this);
  }

  @Override
  public OptionalLong size() {
    return OptionalLong.empty();
  }

  @Override
  public boolean repeatable() {
    return true;
  }

  /** The lines, made as they are read. Used by one thread. */
  private static final class Lines extends InputStream {

    private static final DateTimeFormatter TIME =
        DateTimeFormatter.ofPattern("dd/MMM/uuuu:HH:mm:ss", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final SyntheticTraffic traffic;
    private final Random random;
    private final double[] shares;
    private final double fastest;
    private final double seconds;
    private double at;
    private long made;
    private long shownSecond = Long.MIN_VALUE;
    private String shown = "";
    private byte[] line = new byte[0];
    private int next;

    Lines(SyntheticTraffic traffic) {
      this.traffic = traffic;
      this.random = new Random(traffic.seed);
      this.seconds = traffic.length.toNanos() / 1e9;
      this.shares = traffic.shape == Shape.ZIPF ? zipf(traffic.keys) : new double[0];
      this.fastest =
          switch (traffic.shape) {
            case STEADY, ZIPF -> traffic.perSecond;
            case BURSTY -> 7 * traffic.perSecond;
            case DIURNAL -> 1.8 * traffic.perSecond;
            case ATTACK -> 10 * traffic.perSecond;
          };
    }

    /** For each rank the share of those up to it. */
    private static double[] zipf(int keys) {
      double[] shares = new double[keys];
      double sum = 0;
      for (int i = 0; i < keys; i++) {
        sum += 1.0 / (i + 1);
        shares[i] = sum;
      }
      for (int i = 0; i < keys; i++) {
        shares[i] /= sum;
      }
      return shares;
    }

    @Override
    public int read() {
      return fill() ? line[next++] : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
      int count = 0;
      while (count < length && fill()) {
        int part = Math.min(length - count, line.length - next);
        System.arraycopy(line, next, bytes, offset + count, part);
        next += part;
        count += part;
      }
      return count == 0 && length > 0 ? -1 : count;
    }

    /** There is always more at once, until the end. */
    @Override
    public int available() {
      return at < seconds ? 1 : 0;
    }

    private boolean fill() {
      if (next == line.length && at < seconds) {
        line = nextLine();
        next = 0;
      }
      return next < line.length;
    }

    private byte[] nextLine() {
      if (traffic.shape == Shape.STEADY) {
        at = made++ / traffic.perSecond;
        return at < seconds ? line(random.nextInt(traffic.keys)) : new byte[0];
      }
      // A Poisson process, thinned where the rate is lower (Lewis and Shedler, 1979).
      double rate;
      do {
        at -= StrictMath.log(1 - random.nextDouble()) / fastest;
        rate = rate();
      } while (at < seconds && random.nextDouble() * fastest >= rate);
      if (at >= seconds) {
        return new byte[0];
      }
      boolean attacker = rate > fastest / 2 && traffic.shape == Shape.ATTACK;
      if (attacker && random.nextInt(10) > 0) {
        return line(-1 - random.nextInt(ATTACKERS));
      }
      return line(key());
    }

    /** Requests per second now. */
    private double rate() {
      double average = traffic.perSecond;
      return switch (traffic.shape) {
        case STEADY, ZIPF -> average;
        case BURSTY -> at % 10 < 1 ? 7 * average : average / 3;
        case DIURNAL -> {
          double day = (traffic.start.getEpochSecond() % 86_400 + at) / 86_400;
          yield average * (1 - 0.8 * StrictMath.cos(2 * Math.PI * day));
        }
        case ATTACK -> at >= 0.4 * seconds && at < 0.6 * seconds ? 10 * average : average;
      };
    }

    private int key() {
      if (traffic.shape != Shape.ZIPF) {
        return random.nextInt(traffic.keys);
      }
      int found = Arrays.binarySearch(shares, random.nextDouble());
      return Math.min(traffic.keys - 1, found < 0 ? -1 - found : found);
    }

    /** A line of a client, or of an attacker if the number is negative. */
    private byte[] line(int key) {
      long micros =
          traffic.start.getEpochSecond() * SECOND
              + traffic.start.getNano() / 1_000
              + (long) (at * SECOND);
      long second = Math.floorDiv(micros, SECOND);
      if (second != shownSecond) {
        shownSecond = second;
        shown = TIME.format(Instant.ofEpochSecond(second));
      }
      StringBuilder text = new StringBuilder(128);
      if (key < 0) {
        text.append("203.0.113.").append(-key).append(" - -");
      } else {
        text.append("10.").append(key >> 16).append('.').append(key >> 8 & 0xff);
        text.append('.').append(key & 0xff).append(" - user-").append(key);
      }
      text.append(" [").append(shown).append('.');
      String fraction = Long.toString(SECOND + Math.floorMod(micros, SECOND));
      text.append(fraction, 1, 7).append(" +0000] \"");
      int path = key < 0 ? 1 : random.nextInt(PATHS.length);
      text.append(path == 1 ? "POST " : "GET ").append(PATHS[path]);
      if (path > 1) {
        text.append(random.nextInt(1_000));
      }
      text.append(" HTTP/1.1\" 200 ").append(100 + random.nextInt(10_000));
      return text.append(" \"-\" \"weir-synthetic\"\n").toString().getBytes(US_ASCII);
    }
  }
}
