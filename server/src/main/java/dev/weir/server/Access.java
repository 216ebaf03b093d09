// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Network;
import dev.weir.core.NetworkMap;

/**
 * Which addresses may use a listener.
 *
 * @param allow the networks that may, unless they are denied; empty for all
 * @param deny the networks that may not
 */
public record Access(NetworkMap<Network> allow, NetworkMap<Network> deny) {

  /** Everybody may. */
  public static final Access OPEN = new Access(NetworkMap.none(), NetworkMap.none());

  public Access {
    requireNonNull(allow, "allow");
    requireNonNull(deny, "deny");
  }

  boolean open() {
    return allow.isEmpty() && deny.isEmpty();
  }

  boolean admits(String address) {
    return !deny.contains(address) && (allow.isEmpty() || allow.contains(address));
  }
}
