// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

/**
 * The answer to a plain request in the making; its {@code Date} and {@code Content-Length} are
 * added when it is sent. Reused by one event loop.
 */
public final class QuickReply {

  private final ByteWriter status = new ByteWriter();
  private final ByteWriter fields = new ByteWriter();
  private final ByteWriter body = new ByteWriter();

  /** Empties it for the next answer. */
  public QuickReply clear() {
    status.clear();
    fields.clear();
    body.clear();
    return this;
  }

  /** What stands behind {@code HTTP/1.1}, such as {@code 200 OK}. */
  public ByteWriter status() {
    return status;
  }

  /** The fields, each with the end of its line. */
  public ByteWriter fields() {
    return fields;
  }

  public ByteWriter body() {
    return body;
  }
}
