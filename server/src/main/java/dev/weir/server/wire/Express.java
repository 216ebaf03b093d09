// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

/**
 * Answers plain requests straight from the bytes that were read, without the HTTP codec between.
 *
 * <p>It is a short way to the same answers: what an express does not answer as the full way would,
 * it leaves untouched to the full way. Used by one event loop.
 */
@FunctionalInterface
public interface Express {

  /** What came of a request. */
  enum Outcome {
    /** It is answered, or will be: its call tells when its answer has ended. */
    ANSWERED,
    /** It is this one's to answer, but not the short way; nothing was done. */
    LEFT,
    /** It is another's, or nobody's; nothing was done. */
    PASSED
  }

  /** What a listener without a short way has. */
  Express NONE = call -> Outcome.LEFT;

  /** Answers a request, or does nothing. */
  Outcome answer(QuickCall call);
}
