// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import dev.weir.core.Descriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns blocks of lines into requests. Immutable; used by several threads at once.
 *
 * @param syntax how lines are written
 * @param fields what is taken out of them
 * @param source makes descriptors
 * @param fromMicros the first moment that is looked at
 * @param untilMicros the moment after the last one
 * @param duration what tells how long a request took, if that matters
 */
record BatchParser(
    LogSyntax syntax,
    LogFields fields,
    DescriptorSource source,
    long fromMicros,
    long untilMicros,
    Optional<DurationField> duration) {

  /** Malformed lines that are shown. */
  static final int EXAMPLES = 5;

  /** What the engine can count with: the year 2255. */
  static final long MAX_MICROS = 1L << 53;

  private static final String TOO_LONG = "longer than " + BlockReader.LONGEST_LINE + " bytes";

  Batch parse(String log, Block block, LogSyntax.Told told, boolean first) {
    return new Run(log, block, told).parse(first && told.headed());
  }

  /** The parsing of one block, by one thread. */
  private final class Run {
    private final String log;
    private final Block block;
    private final LineParser parser;
    private final LogRecord record = new LogRecord(fields.slots());
    private final List<Request> requests = new ArrayList<>(2_048);
    private final List<Malformed> examples = new ArrayList<>();
    private long lines;
    private long malformed;
    private long skipped;

    Run(String log, Block block, LogSyntax.Told told) {
      this.log = log;
      this.block = block;
      this.parser = syntax.parser(told, fields);
    }

    Batch parse(boolean headed) {
      byte[] bytes = block.bytes();
      long number = block.firstLine();
      for (int at = 0; at < block.length(); number++) {
        int end = block.lineEnd(at);
        int to = block.textEnd(at, end);
        boolean header = headed && number == 1;
        if (to > at && !header) {
          lines++;
          String problem = line(bytes, at, to);
          if (problem != null) {
            tell(number, problem, bytes, at, to);
          }
        }
        at = end + 1;
      }
      return new Batch(requests, lines, malformed, skipped, examples);
    }

    private @Nullable String line(byte[] bytes, int from, int to) {
      if (block.tooLong() || to - from > BlockReader.LONGEST_LINE) {
        return TOO_LONG;
      }
      String problem = parser.parse(bytes, from, to, record);
      if (problem != null) {
        return problem;
      }
      long micros = record.micros();
      if (micros >= MAX_MICROS) {
        return LineParser.NO_TIME;
      }
      if (micros < fromMicros || micros >= untilMicros) {
        skipped++;
        return null;
      }
      try {
        List<Descriptor> descriptors = source.descriptors(record);
        long took = duration.isPresent() ? duration.get().micros(record) : -1;
        requests.add(new Request(micros, descriptors, took));
        return null;
      } catch (IllegalArgumentException e) {
        return Texts.printable(String.valueOf(e.getMessage()));
      }
    }

    private void tell(long number, String problem, byte[] bytes, int from, int to) {
      malformed++;
      if (examples.size() < EXAMPLES) {
        examples.add(new Malformed(log, number, problem, Malformed.excerpt(bytes, from, to)));
      }
    }
  }
}
