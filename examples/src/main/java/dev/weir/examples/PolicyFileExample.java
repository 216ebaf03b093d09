// SPDX-License-Identifier: Apache-2.0
package dev.weir.examples;

import dev.weir.core.Decision;
import dev.weir.core.Descriptor;
import dev.weir.core.MemoryStore;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.policy.PolicyFile;
import java.io.IOException;
import java.nio.file.Path;

/** The policies of a file over the in-memory store. */
final class PolicyFileExample {

  private PolicyFileExample() {}

  static String run(Path file) throws IOException {
    PolicySet policies = PolicyFile.read(file);
    RateLimiter limiter = RateLimiter.create(MemoryStore.create(), policies);

    Decision decision = limiter.check(Descriptor.of("api", "user", "42").withCost(2));
    return decision.allowed() ? decision.remaining() + " left" : decision.reason().word();
  }
}
