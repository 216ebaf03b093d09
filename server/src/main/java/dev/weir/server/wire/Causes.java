// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import java.util.concurrent.CompletionException;

/** What stages failed with. */
public final class Causes {

  private Causes() {}

  /**
   * What was thrown, without the wrapping that a stage after the one that failed puts around it.
   */
  public static Throwable of(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }
}
