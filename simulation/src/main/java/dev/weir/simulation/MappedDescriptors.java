// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Descriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Descriptors whose entries are values of the line. Safe for use by any number of threads.
 *
 * <p>An entry whose value the line lacks is left out; a descriptor without any of its entries is
 * left out, unless it has none to begin with.
 */
public final class MappedDescriptors implements DescriptorSource {

  /**
   * One entry.
   *
   * @param key its key
   * @param field where its value comes from; empty for the same value always
   * @param otherwise the value if the line lacks the field
   */
  public record Entry(String key, Optional<LogField> field, Optional<String> otherwise) {
    public Entry {
      requireNonNull(key, "key");
      requireNonNull(field, "field");
      requireNonNull(otherwise, "otherwise");
    }

    /** A value of the line. */
    public static Entry of(String key, LogField field) {
      return new Entry(key, Optional.of(field), Optional.empty());
    }

    /** The same value always. */
    public static Entry constant(String key, String value) {
      return new Entry(key, Optional.empty(), Optional.of(value));
    }
  }

  /**
   * One descriptor.
   *
   * @param domain its domain
   * @param entries its entries, in order
   * @param whole whether it is left out as soon as it lacks one entry
   */
  public record Plan(String domain, List<Entry> entries, boolean whole) {
    public Plan {
      requireNonNull(domain, "domain");
      entries = List.copyOf(entries);
    }
  }

  private final List<Plan> plans;
  private final @Nullable LogField cost;
  // Set by any thread, never unset; read when all are done.
  private final boolean[][] seen;

  /**
   * @param plans the descriptors of each check
   * @param cost where the cost of a check stands; 1 if empty or if a line lacks it
   */
  public MappedDescriptors(List<Plan> plans, Optional<LogField> cost) {
    this.plans = List.copyOf(plans);
    this.cost = cost.orElse(null);
    this.seen = new boolean[plans.size()][];
    for (int i = 0; i < seen.length; i++) {
      seen[i] = new boolean[plans.get(i).entries().size()];
    }
  }

  @Override
  public List<Descriptor> descriptors(LogRecord record) {
    long price = cost == null ? 1 : cost(record, cost);
    if (plans.size() == 1) {
      Descriptor only = fill(0, record, price);
      return only == null ? List.of() : List.of(only);
    }
    List<Descriptor> descriptors = new ArrayList<>(plans.size());
    for (int i = 0; i < plans.size(); i++) {
      Descriptor filled = fill(i, record, price);
      if (filled != null) {
        descriptors.add(filled);
      }
    }
    return List.copyOf(descriptors);
  }

  private @Nullable Descriptor fill(int index, LogRecord record, long price) {
    Plan plan = plans.get(index);
    List<Entry> wanted = plan.entries();
    List<Descriptor.Entry> entries = new ArrayList<>(wanted.size());
    for (int i = 0; i < wanted.size(); i++) {
      Entry entry = wanted.get(i);
      String value = entry.field().isPresent() ? record.text(entry.field().get()) : null;
      if (value == null) {
        value = entry.otherwise().orElse(null);
      } else if (!seen[index][i]) {
        seen[index][i] = true;
      }
      if (value != null) {
        entries.add(new Descriptor.Entry(entry.key(), value));
      }
    }
    boolean lacking = plan.whole() ? entries.size() < wanted.size() : entries.isEmpty();
    if (lacking && !wanted.isEmpty()) {
      return null;
    }
    Descriptor descriptor = Descriptor.of(plan.domain(), entries);
    return price == 1 ? descriptor : descriptor.withCost(price);
  }

  private static long cost(LogRecord record, LogField field) {
    String text = record.text(field);
    if (text == null) {
      return 1;
    }
    if (text.length() > 10 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw wrongCost(text);
    }
    long cost = Long.parseLong(text);
    if (cost > Descriptor.MAX_COST) {
      throw wrongCost(text);
    }
    return cost;
  }

  private static IllegalArgumentException wrongCost(String text) {
    String shown = Texts.printable(text.substring(0, Math.min(40, text.length())));
    return new IllegalArgumentException(
        "cost: " + shown + " (expected: 0.." + Descriptor.MAX_COST + ")");
  }

  /** The entries for which no line had a value so far. */
  public List<Entry> unseen() {
    List<Entry> unseen = new ArrayList<>();
    for (int i = 0; i < seen.length; i++) {
      for (int j = 0; j < seen[i].length; j++) {
        Entry entry = plans.get(i).entries().get(j);
        if (!seen[i][j] && entry.field().isPresent()) {
          unseen.add(entry);
        }
      }
    }
    return unseen;
  }

  /** The descriptors that are made. */
  public List<Plan> plans() {
    return plans;
  }
}
