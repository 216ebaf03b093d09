// SPDX-License-Identifier: Apache-2.0
package dev.weir.faults;

import java.util.List;
import java.util.Map;

/**
 * Everything that a run showed from outside.
 *
 * @param asked checks made
 * @param told answers, in the order in which they came
 * @param counted what Redis held at the end
 * @param faultBegan when the fault began
 * @param faultEnded when its cause was gone
 * @param stalls times during which this process itself did not run
 */
record History(
    long asked,
    List<Told> told,
    Map<Told.Key, Counted> counted,
    long faultBegan,
    long faultEnded,
    Stalls stalls) {

  History {
    told = List.copyOf(told);
    counted = Map.copyOf(counted);
  }
}
