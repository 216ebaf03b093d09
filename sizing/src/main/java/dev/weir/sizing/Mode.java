// SPDX-License-Identifier: Apache-2.0
package dev.weir.sizing;

import java.util.Locale;

/** Where decisions are made. */
public enum Mode {
  /** Each by a call to Redis, exact over all instances. */
  EXACT,
  /** Hot keys by permits that an instance bought in advance, others as {@link #EXACT} (R26). */
  LEASED,
  /** In each instance's own memory: instances count apart. */
  MEMORY;

  /** As it is written on a command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
