// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.resp;

import dev.weir.server.wire.SecurityLog;
import dev.weir.server.wire.Tokens;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** {@code AUTH} and {@code HELLO}. One per event loop; not safe for several threads. */
final class Login {

  private static final String WITHOUT_TOKENS =
      "ERR AUTH <password> called without any password configured for the default user. Are you sure"
          + " your configuration is correct?";
  private static final String WRONG =
      "WRONGPASS invalid username-password pair or user is disabled.";
  private static final String NEEDED =
      "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO"
          + " <proto> AUTH <user> <pass> option can be used to authenticate the client and select the"
          + " RESP protocol version at the same time";
  private static final int LONGEST_NAME = 256;

  private final RespFrontEnd.Settings settings;

  Login(RespFrontEnd.Settings settings) {
    this.settings = settings;
  }

  /** {@code AUTH [username] password}; whatever the name, the password is a token. */
  void auth(RespConnection connection, Request request, Reply reply) {
    if (request.count() > 3) {
      Commands.wrongNumber(RespCommand.AUTH, reply);
    } else if (settings.tokens().open()) {
      reply.error(WITHOUT_TOKENS);
    } else {
      present(connection, request.text(request.count() - 1).orElse(""), reply, reply::ok);
    }
  }

  /** {@code HELLO [protover [AUTH username password] [SETNAME clientname]]}. */
  void hello(RespConnection connection, Request request, Reply reply) {
    Session session = connection.session();
    int version = session.protocol();
    if (request.count() > 1) {
      if (!request.isNumber(1)) {
        reply.error("ERR Protocol version is not an integer or out of range");
        return;
      }
      if (request.number() != 2 && request.number() != 3) {
        reply.error("NOPROTO unsupported protocol version");
        return;
      }
      version = (int) request.number();
    }
    String token = null;
    String name = null;
    for (int i = 2; i < request.count(); ) {
      String word = request.shown(i).toLowerCase(Locale.ROOT);
      if (word.equals("auth") && i + 2 < request.count()) {
        token = request.text(i + 2).orElse("");
        i += 3;
      } else if (word.equals("setname") && i + 1 < request.count()) {
        name = name(request, i + 1);
        if (name == null) {
          reply.error(Introspection.BAD_NAME);
          return;
        }
        i += 2;
      } else {
        reply.error("ERR Syntax error in HELLO option '" + request.shown(i) + "'");
        return;
      }
    }
    Greeting greeting = new Greeting(session, version, name, reply);
    if (token == null) {
      if (session.stranger()) {
        reply.error(NEEDED);
      } else {
        greeting.run();
      }
    } else if (settings.tokens().open()) {
      reply.error(WITHOUT_TOKENS);
    } else {
      present(connection, token, reply, greeting);
    }
  }

  /** A name without spaces and line ends; null if it is not one. */
  static @Nullable String name(Request request, int argument) {
    String name = request.text(argument).orElse("\n");
    boolean plain = name.chars().allMatch(c -> c > ' ' && c < 0x7f);
    return plain && name.length() <= LONGEST_NAME ? name : null;
  }

  /** What HELLO answers. */
  private record Greeting(Session session, int version, @Nullable String name, Reply reply)
      implements Runnable {
    @Override
    public void run() {
      session.protocol(version);
      if (name != null) {
        session.name(name);
      }
      reply.version(version);
      reply.map(7);
      reply.bulk("server");
      reply.bulk("redis");
      reply.bulk("version");
      reply.bulk(Introspection.REDIS_VERSION);
      reply.bulk("proto");
      reply.number(version);
      reply.bulk("id");
      reply.number(session.id());
      reply.bulk("mode");
      reply.bulk("standalone");
      reply.bulk("role");
      reply.bulk("master");
      reply.bulk("modules");
      reply.list(0);
    }
  }

  /*
   * Whoever has used up the failures of an address is refused before the token is looked at. No
   * command behind this one is read until it is known who asks.
   */
  private void present(RespConnection connection, String token, Reply reply, Runnable welcome) {
    String peer = connection.session().peer();
    connection.pause();
    connection.await(
        settings
            .failures()
            .blocked(peer)
            .thenCompose(
                blocked -> {
                  Optional<Set<Tokens.Scope>> scopes =
                      blocked.isPresent() ? Optional.empty() : settings.tokens().scopes(token);
                  if (blocked.isEmpty() && scopes.isEmpty()) {
                    return settings.failures().count(peer).thenApply(counted -> Outcome.wrong());
                  }
                  return CompletableFuture.completedFuture(new Outcome(scopes, blocked));
                }),
        outcome -> {
          if (outcome.scopes.isPresent()) {
            connection.session().loggedIn(outcome.scopes.get());
            connection.go();
            welcome.run();
            return;
          }
          connection.go();
          settings.security().alert(SecurityLog.Event.LOGIN_FAILED, peer, settings.listener());
          if (outcome.waitSeconds.isPresent()) {
            reply.error(
                "ERR too many failed logins, try again in "
                    + outcome.waitSeconds.getAsLong()
                    + " seconds");
            connection.end();
          } else {
            reply.error(WRONG);
          }
        });
  }

  /** What came of a token. */
  private record Outcome(Optional<Set<Tokens.Scope>> scopes, OptionalLong waitSeconds) {
    static Outcome wrong() {
      return new Outcome(Optional.empty(), OptionalLong.empty());
    }
  }
}
