// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.wire.Body;
import dev.weir.server.wire.Connection;

/** Stands in for the guard of a connection that was upgraded in the middle of its first request. */
enum Unguarded implements Connection {
  INSTANCE;

  @Override
  public void await(Body body) {}

  @Override
  public void finished(Body body) {}

  @Override
  public void exchangeStarted() {}

  @Override
  public void exchangeEnded() {}

  @Override
  public CharSequence date() {
    return "Thu, 01 Jan 1970 00:00:00 GMT";
  }
}
