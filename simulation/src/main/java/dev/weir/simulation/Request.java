// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import dev.weir.core.Descriptor;
import java.util.List;

/**
 * A logged request.
 *
 * @param micros when
 * @param descriptors what is judged; none if nothing is charged
 * @param durationMicros how long it took; −1 if nobody knows or asks
 */
record Request(long micros, List<Descriptor> descriptors, long durationMicros) {

  Request at(long other) {
    return other == micros ? this : new Request(other, descriptors, durationMicros);
  }
}
