// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import org.jspecify.annotations.Nullable;

/**
 * The bodies that one connection awaits, oldest first. Used by the connection's event loop only.
 *
 * <p>A list through the bodies themselves: most bodies arrive with their head, and are added and
 * removed within one read.
 */
public final class Bodies {

  private @Nullable Body oldest;
  private @Nullable Body newest;

  public boolean isEmpty() {
    return oldest == null;
  }

  /**
   * @param now the time in the caller's ticks
   */
  public void add(Body body, long now) {
    body.since = now;
    body.before = newest;
    if (newest == null) {
      oldest = body;
    } else {
      newest.after = body;
    }
    newest = body;
  }

  /** Removes a body that is in the list. */
  public void remove(Body body) {
    Body before = body.before;
    Body after = body.after;
    if (before == null) {
      oldest = after;
    } else {
      before.after = after;
    }
    if (after == null) {
      newest = before;
    } else {
      after.before = before;
    }
    body.before = null;
    body.after = null;
  }

  /** Refuses every body that was awaited from before this time. */
  public void expire(long before) {
    while (oldest != null && oldest.since - before < 0) {
      // Refusing it removes it from the list.
      oldest.expire();
    }
  }
}
