// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.metrics;

import dev.weir.core.CounterKey;
import java.security.SecureRandom;

/**
 * Hashes keys so that callers, who choose them, cannot make them collide. Safe for use by any
 * thread.
 */
final class KeyHasher {

  // A polynomial in a secret: its high bits are known to nobody who does not know that.
  private final long secret = new SecureRandom().nextLong() | 1;

  int hash(CounterKey key) {
    long hash = key.limit().hashCode();
    for (byte b : key.value()) {
      hash = (hash + b) * secret;
      hash ^= hash >>> 29;
    }
    return (int) (hash >>> 32);
  }
}
