// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.resp;

import dev.weir.server.wire.SecurityLog;
import dev.weir.server.wire.Tokens;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs commands. One per event loop; not safe for several threads. */
final class Commands {

  static final String BROKEN = "ERR internal error";

  private static final Logger LOG = LoggerFactory.getLogger(Commands.class);
  private static final byte[] THROTTLE = "THROTTLE".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CL_THROTTLE = "CL.THROTTLE".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] POST = "POST".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HOST = "HOST:".getBytes(StandardCharsets.US_ASCII);

  private final RespFrontEnd frontEnd;
  private final Throttle throttle;
  private final PolicyCheck policyCheck;
  private final Login login;
  private final Introspection introspection;

  Commands(RespFrontEnd frontEnd, RespLoop loop) {
    this.frontEnd = frontEnd;
    this.throttle = new Throttle(frontEnd.settings().judge(), loop);
    this.policyCheck = new PolicyCheck(frontEnd.settings().judge(), loop);
    this.login = new Login(frontEnd.settings());
    this.introspection = new Introspection(frontEnd);
  }

  /** Runs one command, whose answer is written now or waited for. */
  void run(RespConnection connection, Request request, Reply reply) {
    try {
      if (request.is(0, THROTTLE)) {
        if (allowed(connection, RespCommand.THROTTLE, Tokens.Scope.OVERRIDE, request, reply)) {
          throttle.run(connection, request, reply, Dialect.THROTTLECRAB);
        }
      } else if (request.is(0, CL_THROTTLE)) {
        if (allowed(connection, RespCommand.CL_THROTTLE, Tokens.Scope.OVERRIDE, request, reply)) {
          throttle.run(connection, request, reply, Dialect.REDIS_CELL);
        }
      } else {
        runOther(connection, request, reply);
      }
    } catch (RuntimeException e) {
      LOG.error("running a command", e);
      reply.error(BROKEN);
    }
  }

  private boolean allowed(
      RespConnection connection,
      RespCommand command,
      Tokens.Scope scope,
      Request request,
      Reply reply) {
    Session session = connection.session();
    if (session.stranger()) {
      reply.error("NOAUTH Authentication required.");
    } else if (!command.takes(request.count())) {
      wrongNumber(command, reply);
    } else if (!session.may(scope)) {
      reply.error(
          "NOPERM the token has not the scope "
              + Tokens.word(scope)
              + ", which the '"
              + command.word()
              + "' command needs");
    } else {
      return true;
    }
    return false;
  }

  static void wrongNumber(RespCommand command, Reply reply) {
    reply.error("ERR wrong number of arguments for '" + command.word() + "' command");
  }

  private void runOther(RespConnection connection, Request request, Reply reply) {
    Optional<RespCommand> named = RespCommand.of(request.shown(0));
    if (named.isEmpty()) {
      unknown(connection, request, reply);
      return;
    }
    RespCommand command = named.get();
    boolean beforeLogin =
        command == RespCommand.AUTH
            || command == RespCommand.HELLO
            || command == RespCommand.QUIT
            || command == RespCommand.RESET;
    if (connection.session().stranger() && !beforeLogin) {
      reply.error("NOAUTH Authentication required.");
    } else if (!command.takes(request.count())) {
      wrongNumber(command, reply);
    } else {
      run(command, connection, request, reply);
    }
  }

  private void run(RespCommand command, RespConnection connection, Request request, Reply reply) {
    switch (command) {
      case THROTTLE, CL_THROTTLE -> throw new IllegalStateException("run before");
      case WEIR_CHECK -> {
        if (allowed(connection, command, Tokens.Scope.CHECK, request, reply)) {
          policyCheck.run(connection, request, reply);
        }
      }
      case PING -> ping(request, reply);
      case ECHO -> reply.bulk(request.bytes(), request.from(1), request.length(1));
      case HELLO -> login.hello(connection, request, reply);
      case AUTH -> login.auth(connection, request, reply);
      case CLIENT -> introspection.client(connection.session(), request, reply);
      case COMMAND -> introspection.command(request, reply);
      case CONFIG -> introspection.config(request, reply);
      case INFO -> introspection.info(reply);
      case SELECT -> select(request, reply);
      case RESET -> {
        connection.session().reset();
        reply.version(connection.session().protocol());
        reply.simple("RESET");
      }
      case QUIT -> {
        reply.ok();
        connection.end();
      }
    }
  }

  private static void ping(Request request, Reply reply) {
    if (request.count() == 1) {
      reply.pong();
    } else if (request.count() == 2) {
      reply.bulk(request.bytes(), request.from(1), request.length(1));
    } else {
      wrongNumber(RespCommand.PING, reply);
    }
  }

  private static void select(Request request, Reply reply) {
    if (!request.isNumber(1)) {
      reply.error("ERR invalid DB index");
    } else if (request.number() != 0) {
      reply.error("ERR DB index is out of range");
    } else {
      reply.ok();
    }
  }

  /*
   * A page in a browser can have it send a request over HTTP to an address of its own network, in
   * whose body stand commands.
   */
  private void unknown(RespConnection connection, Request request, Reply reply) {
    if (request.is(0, POST) || request.is(0, HOST)) {
      frontEnd
          .settings()
          .security()
          .alert(
              SecurityLog.Event.WRONG_PROTOCOL,
              connection.session().peer(),
              frontEnd.settings().listener());
      connection.end();
      return;
    }
    if (connection.session().stranger()) {
      reply.error("NOAUTH Authentication required.");
      return;
    }
    StringBuilder text = new StringBuilder("ERR unknown command '").append(request.shown(0));
    text.append("', with args beginning with: ");
    for (int i = 1; i < request.count() && text.length() < 256; i++) {
      text.append('\'').append(request.shown(i)).append("' ");
    }
    reply.error(text.toString());
  }
}
