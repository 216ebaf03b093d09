// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

/** Bytes that are no message. Without a stack trace: whoever sends them must not make it cost. */
final class MalformedMessage extends RuntimeException {

  private static final long serialVersionUID = 1;

  MalformedMessage(String message) {
    super(message, null, false, false);
  }
}
