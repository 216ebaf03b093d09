// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

/**
 * Answers plain requests straight from the bytes that were read, without the HTTP codec between.
 *
 * <p>It is a short way to the same answers: what an express does not answer, byte for byte as the
 * full way would, it leaves untouched to the full way. Used by one event loop.
 */
public interface Express {

  /** What a listener without a short way has. */
  Express NONE = (head, bytes, bodyFrom, bodyTo, answer) -> false;

  /**
   * Answers a request, or leaves it without having done anything.
   *
   * @param head the request's head
   * @param bytes where its body is; valid during the call
   * @param answer where to put the answer
   * @return whether it is answered
   */
  boolean answer(RequestHead head, byte[] bytes, int bodyFrom, int bodyTo, Answer answer);

  /** An answer in the making; {@code Date} and {@code Content-Length} are added to it. */
  final class Answer {
    /** What {@code HTTP/1.1} is followed by, such as {@code 200 OK}. */
    public final ByteWriter status = new ByteWriter();

    /** The fields, each with its line's end. */
    public final ByteWriter fields = new ByteWriter();

    public final ByteWriter body = new ByteWriter();

    /** Empties it for the next answer. */
    public Answer clear() {
      status.clear();
      fields.clear();
      body.clear();
      return this;
    }
  }
}
