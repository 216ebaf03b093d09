// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import dev.weir.core.Descriptor;
import java.util.List;

/** Makes the descriptors that a logged request would have been judged by. */
@FunctionalInterface
public interface DescriptorSource {

  /**
   * The descriptors of one check; none if nothing is charged. Called by several threads at once.
   *
   * @param record to be read within the call
   * @throws IllegalArgumentException if the line holds what no descriptor can; its message says
   *     what
   */
  List<Descriptor> descriptors(LogRecord record);
}
