// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes lines apart whose columns have names. */
final class CsvParser implements LineParser {

  private static final String NOT_CSV = "not as many values as there are columns";

  /**
   * Which column a slot takes its value from.
   *
   * @param count columns that there are
   * @param columns for each slot its columns, best first
   */
  record Columns(int count, byte delimiter, List<List<Integer>> columns) {

    /** Columns of these names; a name may be that of JSON or the word for the field. */
    static Columns of(List<String> names, byte delimiter, LogFields fields) {
      List<List<Integer>> columns = new ArrayList<>();
      for (Field field : Field.values()) {
        List<Integer> found = new ArrayList<>();
        find(names, field.word()).ifPresent(found::add);
        for (String candidate : fields.names(field)) {
          find(names, candidate).ifPresent(found::add);
        }
        columns.add(List.copyOf(found));
      }
      for (String name : fields.named().keySet()) {
        columns.add(find(names, name).map(List::of).orElse(List.of()));
      }
      return new Columns(names.size(), delimiter, List.copyOf(columns));
    }

    private static Optional<Integer> find(List<String> names, String name) {
      for (int i = 0; i < names.size(); i++) {
        if (names.get(i).strip().equalsIgnoreCase(name)) {
          return Optional.of(i);
        }
      }
      return Optional.empty();
    }

    /** Whether one of them holds the time. */
    boolean timed() {
      return !columns.get(Field.TIME.slot()).isEmpty();
    }
  }

  private final Columns columns;
  private final TimeParser times;
  private final CsvLine line;
  private final int[][] order;

  CsvParser(Columns columns, TimeParser times) {
    this.columns = columns;
    this.times = times;
    this.line = new CsvLine(columns.delimiter());
    this.order =
        columns.columns().stream()
            .map(list -> list.stream().mapToInt(Integer::intValue).toArray())
            .toArray(int[][]::new);
  }

  @Override
  public @Nullable String parse(byte[] bytes, int from, int to, LogRecord record) {
    record.begin(bytes);
    if (!line.split(bytes, from, to) || line.count() != columns.count()) {
      return NOT_CSV;
    }
    for (int slot = 0; slot < order.length; slot++) {
      // The best one is put last.
      for (int i = order[slot].length - 1; i >= 0; i--) {
        line.put(order[slot][i], bytes, slot, record);
      }
    }
    return JsonLineParser.complete(record, times);
  }
}
