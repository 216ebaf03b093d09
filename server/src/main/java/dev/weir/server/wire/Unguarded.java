// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

/** Stands in for a connection whose deadlines nobody keeps or needs. */
public enum Unguarded implements Connection {
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
  public ClientCertificate certificate() {
    return ClientCertificate.NONE;
  }

  @Override
  public CharSequence date() {
    return "Thu, 01 Jan 1970 00:00:00 GMT";
  }
}
