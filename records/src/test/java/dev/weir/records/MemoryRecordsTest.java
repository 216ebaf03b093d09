// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import static org.assertj.core.api.Assertions.assertThat;

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
}
