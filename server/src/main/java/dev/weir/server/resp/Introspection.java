// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.resp;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What clients of Redis ask of a server before they do what they came for. One per event loop; not
 * safe for several threads.
 */
final class Introspection {

  /** The release of Redis whose way of speaking this is. */
  static final String REDIS_VERSION = "7.2.0";

  static final String BAD_NAME =
      "ERR Client names cannot contain spaces, newlines or special characters.";

  private final RespFrontEnd frontEnd;

  Introspection(RespFrontEnd frontEnd) {
    this.frontEnd = frontEnd;
  }

  void client(Session session, Request request, Reply reply) {
    String subcommand = request.shown(1).toLowerCase(Locale.ROOT);
    int count = request.count();
    switch (subcommand) {
      case "id" -> reply.number(session.id());
      case "getname" -> {
        if (session.name().isEmpty()) {
          reply.nothing();
        } else {
          reply.bulk(session.name());
        }
      }
      case "setname" -> {
        String name = count == 3 ? Login.name(request, 2) : null;
        if (count != 3) {
          reply.error("ERR wrong number of arguments for 'client|setname' command");
        } else if (name == null) {
          reply.error(BAD_NAME);
        } else {
          session.name(name);
          reply.ok();
        }
      }
      case "setinfo" -> info(session, request, reply);
      case "info" -> reply.verbatim(line(session) + "\n");
      case "no-evict", "no-touch" -> reply.ok();
      default -> reply.error("ERR unknown subcommand '" + request.shown(1) + "'. Try CLIENT HELP.");
    }
  }

  private static void info(Session session, Request request, Reply reply) {
    if (request.count() != 4) {
      reply.error("ERR wrong number of arguments for 'client|setinfo' command");
      return;
    }
    String what = request.shown(2).toLowerCase(Locale.ROOT);
    String value = Login.name(request, 3);
    if (!what.equals("lib-name") && !what.equals("lib-ver")) {
      reply.error("ERR Unrecognized option '" + request.shown(2) + "'");
    } else if (value == null) {
      reply.error("ERR " + what + " cannot contain spaces, newlines or special characters.");
    } else {
      if (what.equals("lib-name")) {
        session.library(value);
      } else {
        session.libraryVersion(value);
      }
      reply.ok();
    }
  }

  private static String line(Session session) {
    return "id="
        + session.id()
        + " addr="
        + session.peer()
        + " name="
        + session.name()
        + " db=0 resp="
        + session.protocol()
        + " lib-name="
        + session.library()
        + " lib-ver="
        + session.libraryVersion();
  }

  void command(Request request, Reply reply) {
    String subcommand = request.count() == 1 ? "" : request.shown(1).toLowerCase(Locale.ROOT);
    switch (subcommand) {
      case "" -> {
        reply.list(RespCommand.values().length);
        for (RespCommand command : RespCommand.values()) {
          command.tell(reply);
        }
      }
      case "count" -> reply.number(RespCommand.values().length);
      case "list" -> {
        reply.list(RespCommand.values().length);
        for (RespCommand command : RespCommand.values()) {
          reply.bulk(command.word());
        }
      }
      case "info" -> {
        List<Optional<RespCommand>> asked = asked(request);
        reply.list(asked.size());
        asked.forEach(each -> each.ifPresentOrElse(known -> known.tell(reply), reply::nothing));
      }
      case "docs" -> {
        List<RespCommand> known = asked(request).stream().flatMap(Optional::stream).toList();
        reply.map(known.size());
        known.forEach(each -> each.document(reply));
      }
      default ->
          reply.error("ERR unknown subcommand '" + request.shown(1) + "'. Try COMMAND HELP.");
    }
  }

  private static List<Optional<RespCommand>> asked(Request request) {
    List<Optional<RespCommand>> asked = new ArrayList<>();
    if (request.count() == 2) {
      for (RespCommand command : RespCommand.values()) {
        asked.add(Optional.of(command));
      }
    }
    for (int i = 2; i < request.count(); i++) {
      asked.add(RespCommand.of(request.shown(i)));
    }
    return asked;
  }

  /** Some clients want to know how their server keeps what it has: this one keeps no data. */
  void config(Request request, Reply reply) {
    if (!request.shown(1).equalsIgnoreCase("get") || request.count() < 3) {
      reply.error("ERR unknown subcommand '" + request.shown(1) + "'. Try CONFIG HELP.");
      return;
    }
    List<String> pairs = new ArrayList<>();
    for (int i = 2; i < request.count(); i++) {
      switch (request.shown(i).toLowerCase(Locale.ROOT)) {
        case "save" -> pairs.addAll(List.of("save", ""));
        case "appendonly" -> pairs.addAll(List.of("appendonly", "no"));
        case "databases" -> pairs.addAll(List.of("databases", "1"));
        default -> {}
      }
    }
    reply.map(pairs.size() / 2);
    pairs.forEach(reply::bulk);
  }

  void info(Reply reply) {
    StringBuilder text = new StringBuilder("# Server\r\n");
    line(text, "redis_version", REDIS_VERSION);
    line(text, "redis_mode", "standalone");
    line(text, "weir_version", frontEnd.settings().version());
    line(text, "uptime_in_seconds", frontEnd.uptimeSeconds());
    text.append("\r\n# Clients\r\n");
    line(text, "connected_clients", frontEnd.connections());
    text.append("\r\n# Memory\r\n");
    line(text, "maxmemory", 0);
    text.append("\r\n# Persistence\r\n");
    line(text, "loading", 0);
    text.append("\r\n# Stats\r\n");
    line(text, "total_commands_processed", frontEnd.commands());
    text.append("\r\n# Replication\r\n");
    line(text, "role", "master");
    line(text, "connected_slaves", 0);
    text.append("\r\n# Cluster\r\n");
    line(text, "cluster_enabled", 0);
    text.append("\r\n# Keyspace\r\n");
    reply.verbatim(text.toString());
  }

  private static void line(StringBuilder text, String name, Object value) {
    text.append(name).append(':').append(value).append("\r\n");
  }
}
