// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import dev.weir.core.Network;
import dev.weir.core.NetworkMap;
import dev.weir.server.wire.Call;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.List;

/**
 * Finds the address of the client behind trusted proxies.
 *
 * <p>The peer of the connection is believed. If it is a trusted proxy, the right-most address of
 * {@code X-Forwarded-For} is what that proxy saw, and so on while the addresses are trusted: the
 * first that is not is the client. What stands left of it was written by the client.
 */
public final class ClientAddress {

  private static final String FORWARDED_FOR = "X-Forwarded-For";

  private final NetworkMap<Network> trusted;

  /**
   * @param trusted the networks of the proxies
   */
  public ClientAddress(List<Network> trusted) {
    this.trusted = NetworkMap.of(trusted);
  }

  /** The address of whoever sent the request. */
  public String of(Call call) {
    String peer = withoutZone(call.peer());
    if (trusted.isEmpty() || !isTrusted(peer)) {
      return canonical(peer);
    }
    List<String> fields = call.headers(FORWARDED_FOR);
    String client = peer;
    for (int i = fields.size() - 1; i >= 0; i--) {
      String[] hops = fields.get(i).split(",", -1);
      for (int j = hops.length - 1; j >= 0; j--) {
        String hop = address(hops[j].strip());
        if (hop.isEmpty()) {
          // Not an address: whoever wrote it is the last that can be told.
          return canonical(client);
        }
        client = hop;
        if (!isTrusted(hop)) {
          return canonical(client);
        }
      }
    }
    return canonical(client);
  }

  boolean trustsPeer(Call call) {
    return isTrusted(withoutZone(call.peer()));
  }

  /** The same, or one that trusts the proxies of this machine if this one trusts none. */
  public ClientAddress orLoopback() {
    return trusted.isEmpty()
        ? new ClientAddress(List.of(Network.of("127.0.0.0/8"), Network.of("::1/128")))
        : this;
  }

  /** Whether an address is a trusted proxy's. */
  public boolean isTrusted(String address) {
    return trusted.contains(address);
  }

  /** The address of a hop without its port; empty if there is none. */
  private static String address(String hop) {
    String text = hop;
    if (text.startsWith("[")) {
      int close = text.indexOf(']');
      text = close < 0 ? "" : text.substring(1, close);
    } else if (text.indexOf(':') >= 0 && text.indexOf(':') == text.lastIndexOf(':')) {
      text = text.substring(0, text.indexOf(':'));
    }
    return NetUtil.createByteArrayFromIpAddressString(text) == null ? "" : withoutZone(text);
  }

  private static String withoutZone(String address) {
    int zone = address.indexOf('%');
    return zone < 0 ? address : address.substring(0, zone);
  }

  /** One text per address: an address written in two ways must not have two counters. */
  private static String canonical(String address) {
    if (address.indexOf(':') < 0) {
      return address;
    }
    InetAddress parsed = NetUtil.createInetAddressFromIpAddressString(address);
    return parsed == null ? address : NetUtil.toAddressString(parsed);
  }
}
