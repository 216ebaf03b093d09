// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

/**
 * The connection a request came on, as far as its deadlines go. Used by the connection's event loop
 * only.
 */
public interface Connection {

  /** A body is awaited; until it is finished, the body's deadline runs. */
  void await(Body body);

  /** The body is complete or given up. */
  void finished(Body body);

  /** An answer is being prepared elsewhere: the connection is not idle until it ends. */
  void exchangeStarted();

  void exchangeEnded();

  /** Whom the client's certificate names; nobody if it has shown none. */
  ClientCertificate certificate();

  /** The time as a value for the {@code Date} field, right to the second. */
  CharSequence date();
}
