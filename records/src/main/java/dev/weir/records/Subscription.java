// SPDX-License-Identifier: Apache-2.0
package dev.weir.records;

/** A watcher's attention; it ends with {@link #close}. */
public interface Subscription extends AutoCloseable {

  /** No further batch begins after this; one that is being told may still end. */
  @Override
  void close();
}
