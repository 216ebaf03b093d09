// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rules by prefix: one look-up for each distinct length of a prefix, and no copy of the value. */
final class PrefixIndex<R> {

  private record Slot<R>(String prefix, List<R> rules, @Nullable Slot<R> next) {}

  private final int[] lengths;
  private final Slot<R>[] slots;

  private PrefixIndex(int[] lengths, Slot<R>[] slots) {
    this.lengths = lengths;
    this.slots = slots;
  }

  static <R> PrefixIndex<R> of(Map<String, List<R>> rules) {
    int[] lengths = rules.keySet().stream().mapToInt(String::length).sorted().distinct().toArray();
    @SuppressWarnings({"unchecked", "rawtypes"}) // filled with slots of this type only
    Slot<R>[] slots = new Slot[Integer.highestOneBit(rules.size()) * 4];
    rules.forEach(
        (prefix, list) -> {
          int at = spread(prefix.hashCode()) & (slots.length - 1);
          slots[at] = new Slot<>(prefix, list, slots[at]);
        });
    return new PrefixIndex<>(lengths, slots);
  }

  <A extends @Nullable Object> A fold(
      String value, Descriptor descriptor, A start, ConditionIndex.Fold<R, A> fold) {
    A result = start;
    int hash = 0; // that of String, so that a slot is found by the hash of a prefix
    int at = 0;
    for (int i = 0; i < lengths.length && lengths[i] <= value.length(); i++) {
      while (at < lengths[i]) {
        hash = 31 * hash + value.charAt(at++);
      }
      Slot<R> slot = slots[spread(hash) & (slots.length - 1)];
      while (slot != null && !(slot.prefix.length() == at && value.startsWith(slot.prefix))) {
        slot = slot.next;
      }
      if (slot != null) {
        result = ConditionIndex.each(slot.rules, descriptor, result, fold);
      }
    }
    return result;
  }

  private static int spread(int hash) {
    return hash ^ hash >>> 16;
  }
}
