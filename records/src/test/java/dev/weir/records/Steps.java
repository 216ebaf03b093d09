// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static dev.weir.records.Samples.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/**
 * Numbered steps, of which a store shows afterwards whether each is there whole or not at all: step
 * n makes a record n, sets two others to n, deletes one and appends an audit entry n.
 */
final class Steps {
  private static final RecordKey LEFT = new RecordKey("pair", "left");
  private static final RecordKey RIGHT = new RecordKey("pair", "right");

  private final RecordStore store;
  private final String blanks;
  private StoredRecord left;
  private StoredRecord right;

  /** Begins, or goes on after the last step that the store has. */
  Steps(RecordStore store) {
    this(store, 0);
  }

  /** The same with so many blanks after the number in what step n makes. */
  Steps(RecordStore store, int blanks) {
    this.store = store;
    this.blanks = " ".repeat(blanks);
    this.left = known(LEFT);
    this.right = known(RIGHT);
  }

  private StoredRecord known(RecordKey key) {
    return await(store.get(key)).orElseGet(() -> Samples.put(store, key, "0"));
  }

  long last() {
    return Long.parseLong(left.value());
  }

  /** Makes the next step and answers its number once it is acknowledged. */
  long next() {
    long number = last() + 1;
    String text = Long.toString(number);
    List<Change> changes = new ArrayList<>();
    changes.add(Change.replace(left, text));
    changes.add(Change.create(new RecordKey("step", text), text + blanks));
    changes.add(Change.replace(right, text));
    if (number > 1) {
      String former = Long.toString(number - 1);
      await(store.get(new RecordKey("latest", former)))
          .ifPresent(old -> changes.add(Change.delete(old)));
    }
    changes.add(Change.create(new RecordKey("latest", text), text));
    CompletionStage<List<StoredRecord>> made =
        store.change(changes, Optional.of(new AuditEntry("steps", "step", text, "", text)));
    List<StoredRecord> after = await(made);
    left = after.get(0);
    right = after.get(2);
    return number;
  }

  /** Holds that each step up to a last one is there whole, and that none acknowledged is lost. */
  static void verify(RecordStore store, long acknowledged) {
    TreeMap<Long, String> pairs = new TreeMap<>();
    String left = await(store.get(LEFT)).map(StoredRecord::value).orElse("0");
    String right = await(store.get(RIGHT)).map(StoredRecord::value).orElse("0");
    long last = Long.parseLong(left);
    assertThat(last).as("acknowledged steps").isGreaterThanOrEqualTo(acknowledged);
    assertThat(right).as("the other half of step %s", last).isEqualTo(left);
    await(store.list("step"))
        .forEach(each -> pairs.put(Long.valueOf(each.value().strip()), each.value()));
    assertThat(pairs).as("steps up to %s", last).hasSize((int) last);
    if (last > 0) {
      assertThat(pairs.lastKey()).isEqualTo(last);
      assertThat(await(store.list("latest")))
          .extracting(StoredRecord::value)
          .containsExactly(Long.toString(last));
      AuditRecord newest = await(store.audit(Long.MAX_VALUE, 1)).get(0);
      assertThat(newest.number()).as("audit records").isEqualTo(last);
      assertThat(newest.entry().after()).isEqualTo(Long.toString(last));
    }
  }
}
