// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import dev.weir.core.Decision;
import dev.weir.core.LimitState;
import dev.weir.core.TimeSource;
import dev.weir.server.identity.Presented;
import dev.weir.server.wire.Call;
import dev.weir.server.wire.FullCall;
import dev.weir.server.wire.Query;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through the gateway, and what is known about it. Used by one event loop.
 */
final class Exchange {

  private static final HexFormat HEX = HexFormat.of();

  final Call call;
  final String path;
  final Map<String, String> pathVariables;
  private final ClientAddress clientAddress;
  private final TimeSource clock;
  private @Nullable List<Query.Parameter> query;
  private @Nullable String address;
  private @Nullable String requestId;
  private @Nullable Identity identity;
  private @Nullable Decision decision;
  private @Nullable String storeError;
  private Presented.@Nullable Caller caller;
  private long bannedSeconds;

  Exchange(
      Call call,
      String path,
      Map<String, String> pathVariables,
      ClientAddress clientAddress,
      TimeSource clock) {
    this.call = call;
    this.path = path;
    this.pathVariables = pathVariables;
    this.clientAddress = clientAddress;
    this.clock = clock;
  }

  /** The call as the codec carries it. */
  FullCall full() {
    return (FullCall) call;
  }

  /** The client's address, as far as trusted proxies tell. */
  String address() {
    if (address == null) {
      address = clientAddress.of(call);
    }
    return address;
  }

  /** Whether the connection comes from a trusted proxy. */
  boolean peerTrusted() {
    return clientAddress.trustsPeer(call);
  }

  Optional<String> queryValue(String name) {
    if (query == null) {
      query = Query.parameters(Query.query(call.target()));
    }
    return Query.value(query, name);
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(call.header(name));
  }

  /** A random id, the same during this exchange. */
  String requestId() {
    if (requestId == null) {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      requestId = hex(random.nextLong()) + hex(random.nextLong());
    }
    return requestId;
  }

  private static String hex(long value) {
    return HEX.toHexDigits(value);
  }

  long nowMicros() {
    return decision == null || decision.states().isEmpty()
        ? clock.micros()
        : decision.states().getFirst().verdict().micros();
  }

  void identified(Identity identity) {
    this.identity = identity;
  }

  /** Its API key is known: its user is the identity. */
  void called(Presented.Caller by) {
    this.caller = by;
  }

  Optional<Presented.Caller> caller() {
    return Optional.ofNullable(caller);
  }

  /** Its address is banned for so long. */
  void banned(long seconds) {
    this.bannedSeconds = seconds;
  }

  /** Seconds that its address is banned; 0 if it is not. */
  long bannedSeconds() {
    return bannedSeconds;
  }

  Optional<Identity> identity() {
    if (identity == null && caller != null) {
      identity = Identity.plain("user", caller.user().id());
    }
    return Optional.ofNullable(identity);
  }

  void decided(Decision decision) {
    this.decision = decision;
  }

  Optional<Decision> decision() {
    return Optional.ofNullable(decision);
  }

  Optional<LimitState> deciding() {
    return decision == null ? Optional.empty() : decision.deciding();
  }

  void storeFailed(String error) {
    this.storeError = error;
  }

  Optional<String> storeError() {
    return Optional.ofNullable(storeError);
  }
}
