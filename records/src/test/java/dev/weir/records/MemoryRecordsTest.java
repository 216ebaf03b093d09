// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class MemoryRecordsTest implements RecordStoreContract {

  @Override
  public RecordStore create() {
    return MemoryRecords.create();
  }

  @Test
  void health_saysThatNothingSurvives() {
    try (RecordStore store = create()) {
      RecordHealth health = store.health();
      assertThat(health.kind()).isEqualTo(RecordHealth.Kind.MEMORY);
      assertThat(health.reachable()).isTrue();
      assertThat(health.durable()).isFalse();
      assertThat(health.warnings()).singleElement().asString().contains("end with the process");
    }
  }

  @Test
  void close_whileChangesWait_acknowledgesThem() {
    // Several times: answers race with the end of the store's thread.
    for (int round = 0; round < 200; round++) {
      List<CompletionStage<List<StoredRecord>>> under = new ArrayList<>();
      RecordStore store = create();
      for (int i = 0; i < 50; i++) {
        Change change = Change.create(Samples.user("user-" + i), "1");
        under.add(store.change(List.of(change), Optional.empty()));
      }
      store.close();
      under.forEach(Samples::await);
    }
  }
}
