// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.List;

/** An admission with everything that was judged. */
record JudgedAllowed(Reason reason, List<LimitState> states, List<Unlimited> unlimited)
    implements Decision.Allowed {
  JudgedAllowed {
    states = List.copyOf(states);
    unlimited = List.copyOf(unlimited);
  }
}
