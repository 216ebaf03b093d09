// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.resp;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a client may ask, and what is told of it. */
enum RespCommand {
  CL_THROTTLE(
      "cl.throttle",
      -5,
      true,
      "key max_burst count period [quantity]",
      "Takes from a token bucket, as redis-cell does: limited, limit, remaining, retry after and"
          + " reset after in seconds."),
  THROTTLE(
      "throttle",
      -5,
      true,
      "key max_burst count period [quantity]",
      "Takes from a token bucket, as throttlecrab does: allowed, limit, remaining, reset after and"
          + " retry after in seconds."),
  WEIR_CHECK(
      "weir.check",
      -3,
      true,
      "policy key [cost]",
      "Checks a key by a policy: allowed, limit, remaining, retry after and reset after in"
          + " milliseconds."),
  PING("ping", -1, false, "[message]", "Answers PONG, or the message."),
  ECHO("echo", 2, false, "message", "Answers the message."),
  HELLO(
      "hello",
      -1,
      false,
      "[protover [AUTH username password] [SETNAME clientname]]",
      "Chooses the version of the protocol, logs in and names the connection."),
  AUTH("auth", -2, false, "[username] password", "Logs in; the password is a token."),
  CLIENT("client", -2, false, "subcommand", "Names the connection, or tells of it."),
  COMMAND("command", -1, false, "[subcommand]", "Tells of the commands."),
  CONFIG("config", -2, false, "GET parameter", "Tells what clients look for; nothing can be set."),
  INFO("info", -1, false, "[section]", "Tells of the server."),
  SELECT("select", 2, false, "index", "Takes database 0, which is the only one."),
  RESET("reset", 1, false, "", "Makes the connection as if new."),
  QUIT("quit", -1, false, "", "Closes the connection.");

  private static final Map<String, RespCommand> BY_WORD = new HashMap<>();

  static {
    for (RespCommand command : values()) {
      BY_WORD.put(command.word, command);
    }
  }

  private final String word;
  private final int arity;
  private final boolean keyed;
  private final String syntax;
  private final String summary;

  RespCommand(String word, int arity, boolean keyed, String syntax, String summary) {
    this.word = word;
    this.arity = arity;
    this.keyed = keyed;
    this.syntax = syntax;
    this.summary = summary;
  }

  /** The command of a name in whatever case. */
  static Optional<RespCommand> of(String name) {
    return Optional.ofNullable(BY_WORD.get(name.toLowerCase(Locale.ROOT)));
  }

  /** Its name in lower case. */
  String word() {
    return word;
  }

  /** Whether so many arguments, the name included, may be right. */
  boolean takes(int arguments) {
    return arity < 0 ? arguments >= -arity : arguments == arity;
  }

  /** What {@code COMMAND} tells: ten things, as Redis 7 does. */
  void tell(Reply reply) {
    int key = this == WEIR_CHECK ? 2 : 1;
    reply.list(10);
    reply.bulk(word);
    reply.number(arity);
    reply.words(keyed ? List.of("write", "denyoom", "fast") : List.of("noscript", "fast"));
    reply.number(keyed ? key : 0);
    reply.number(keyed ? key : 0);
    reply.number(keyed ? 1 : 0);
    reply.words(List.of(keyed ? "@write" : "@connection", "@fast"));
    reply.list(0);
    reply.list(0);
    reply.list(0);
  }

  /** What {@code COMMAND DOCS} tells, behind the name. */
  void document(Reply reply) {
    reply.bulk(word);
    reply.map(4);
    reply.bulk("summary");
    reply.bulk(summary);
    reply.bulk("since");
    reply.bulk("0.1.0");
    reply.bulk("group");
    reply.bulk(keyed ? "generic" : "connection");
    reply.bulk("complexity");
    reply.bulk(syntax.isEmpty() ? "O(1)" : "O(1): " + syntax);
  }
}
