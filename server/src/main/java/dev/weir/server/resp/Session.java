// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.resp;

import dev.weir.server.wire.Tokens;
import java.util.EnumSet;
import java.util.Set;

/** Who is at the other end of a connection, and how it wants to be spoken to. */
final class Session {

  private final String peer;
  private final boolean open;
  private long id;
  private int protocol = 2;
  private String name = "";
  private String library = "";
  private String libraryVersion = "";
  private boolean stranger;
  private Set<Tokens.Scope> scopes;

  Session(String peer, Tokens tokens) {
    this.peer = peer;
    this.open = tokens.open();
    this.stranger = !open;
    this.scopes = open ? EnumSet.allOf(Tokens.Scope.class) : EnumSet.noneOf(Tokens.Scope.class);
  }

  void begin(long id) {
    this.id = id;
  }

  long id() {
    return id;
  }

  String peer() {
    return peer;
  }

  int protocol() {
    return protocol;
  }

  void protocol(int version) {
    protocol = version;
  }

  String name() {
    return name;
  }

  void name(String text) {
    name = text;
  }

  String library() {
    return library;
  }

  void library(String text) {
    library = text;
  }

  String libraryVersion() {
    return libraryVersion;
  }

  void libraryVersion(String text) {
    libraryVersion = text;
  }

  /** Whether it has to log in before it is served. */
  boolean stranger() {
    return stranger;
  }

  /** What it may send. */
  Request.Bounds bounds() {
    return stranger ? Request.Bounds.STRANGER : Request.Bounds.KNOWN;
  }

  boolean may(Tokens.Scope scope) {
    return scopes.contains(scope);
  }

  void loggedIn(Set<Tokens.Scope> granted) {
    stranger = false;
    scopes = granted;
  }

  /** As if the connection were new. */
  void reset() {
    protocol = 2;
    name = "";
    if (!open) {
      stranger = true;
      scopes = EnumSet.noneOf(Tokens.Scope.class);
    }
  }
}
