// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

/**
 * Answers plain requests straight from the bytes that were read, without the HTTP codec between.
 *
 * <p>It is a short way to the same answers: what an express does not answer, byte for byte as the
 * full way would, it leaves untouched to the full way. Used by one event loop.
 */
public interface Express {

  /** What came of a request. */
  enum Outcome {
    /** It is answered. */
    ANSWERED,
    /** It is this one's to answer, but not the short way; nothing was done. */
    LEFT,
    /** It is another's, or nobody's; nothing was done. */
    PASSED
  }

  /** What a listener without a short way has. */
  Express NONE = (head, bytes, bodyFrom, bodyTo, reply) -> Outcome.LEFT;

  /**
   * Answers a request, or does nothing.
   *
   * @param head the request's head
   * @param bytes where its body is; valid during the call
   * @param reply where to put the answer
   */
  Outcome answer(RequestHead head, byte[] bytes, int bodyFrom, int bodyTo, QuickReply reply);
}
