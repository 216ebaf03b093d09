// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.server.gateway.ClientAddress;
import dev.weir.server.wire.Call;
import dev.weir.server.wire.SecurityLog;
import java.util.Optional;

/**
 * Who gets in at a listener. A peer that is no trusted proxy is judged where it is accepted; whom a
 * proxy speaks for, by each request. Safe for use by any thread.
 *
 * @param listener the listener's name
 * @param clients how a client's address is found
 * @param access which addresses may use it
 * @param tls what it speaks TLS with, if it does
 * @param security hears of whom is kept out
 */
record Door(
    String listener,
    ClientAddress clients,
    Access access,
    Optional<LiveTls> tls,
    SecurityLog security) {

  /** Whether a connection is accepted. */
  boolean admitsPeer(String peer) {
    if (access.open() || clients.isTrusted(peer) || access.admits(peer)) {
      return true;
    }
    security.alert(SecurityLog.Event.IP_NOT_ALLOWED, peer, listener);
    return false;
  }

  /** Whether a request on an accepted connection is answered; nothing is told. */
  boolean admits(Call call) {
    return access.open() || !clients.isTrusted(call.peer()) || access.admits(clients.of(call));
  }

  /** Whether a request on an accepted connection is answered. */
  boolean admitsOrTells(Call call) {
    if (admits(call)) {
      return true;
    }
    security.alert(SecurityLog.Event.IP_NOT_ALLOWED, clients.of(call), listener);
    return false;
  }

  void handshakeFailed(String peer, String reason) {
    security.alert(SecurityLog.Event.TLS_HANDSHAKE_FAILED, peer, listener, reason);
  }
}
