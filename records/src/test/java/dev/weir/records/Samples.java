// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What tests of stores do over and over. */
final class Samples {

  private Samples() {}

  static RecordKey user(String id) {
    return new RecordKey("user", id);
  }

  static AuditEntry entry(String action) {
    return new AuditEntry("tester", action, "user:a", "before", "after");
  }

  /** The answer; its failure is thrown as it is. */
  static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new CompletionException(e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("no answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  static List<StoredRecord> make(RecordStore store, Change... changes) {
    return await(store.change(List.of(changes), Optional.empty()));
  }

  static StoredRecord put(RecordStore store, RecordKey key, String value) {
    Optional<StoredRecord> known = await(store.get(key));
    Change change =
        known.map(each -> Change.replace(each, value)).orElseGet(() -> Change.create(key, value));
    return make(store, change).get(0);
  }
}
