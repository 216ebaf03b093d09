// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Writes decisions down, or some of them. Safe for use by any thread; never waits. */
public interface DecisionRecorder {

  /** Writes nothing. */
  DecisionRecorder NONE =
      new DecisionRecorder() {
        @Override
        public boolean wants(Decision decision) {
          return false;
        }

        @Override
        public void record(
            List<Descriptor> descriptors,
            Decision decision,
            long micros,
            Supplier<Optional<String>> requestId) {}
      };

  /** Whether a decision is to be written down; asked of every one. */
  boolean wants(Decision decision);

  /**
   * Writes a decision down.
   *
   * @param micros how long it took
   * @param requestId the id of the request, where it has one
   */
  void record(
      List<Descriptor> descriptors,
      Decision decision,
      long micros,
      Supplier<Optional<String>> requestId);
}
