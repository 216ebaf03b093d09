// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/** A thread's space for putting a key together and hashing it. */
final class Scratch {

  private static final ThreadLocal<Scratch> OWN = ThreadLocal.withInitial(Scratch::new);

  final KeyBuffer key = new KeyBuffer();
  long high;
  long low;

  /** The calling thread's own, with an empty key. */
  static Scratch own() {
    Scratch scratch = OWN.get();
    scratch.key.clear();
    return scratch;
  }
}
