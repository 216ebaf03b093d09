// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import dev.weir.server.wire.Answers;
import dev.weir.server.wire.BadRequest;
import dev.weir.server.wire.ByteWriter;
import dev.weir.server.wire.Call;
import dev.weir.server.wire.Problem;
import dev.weir.server.wire.Query;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The request that a proxy asks for, seen through the proxy's own: its method, target and host are
 * those that the proxy tells, and what answers it answers the proxy. Used by one event loop.
 */
final class ForwardedCall implements Call {

  /** Tells a proxy that understands few statuses which one the client should get. */
  static final String STATUS_FIELD = "X-Weir-Status";

  // In lower case, as heads that are read beside the codec are searched.
  private static final String FORWARDED_FOR = "x-forwarded-for";

  private static final String HOST = "host";
  private static final String FORWARDED_HOST = "x-forwarded-host";
  private static final List<String> METHODS = List.of("x-forwarded-method", "x-original-method");

  /** Where the target of the request may stand. */
  static final List<String> TARGETS =
      List.of("x-forwarded-uri", "x-original-uri", "x-original-url");

  private static final int MAX_METHOD = 20;
  private static final int UNAUTHORIZED = 401;
  private static final int FIRST_ERROR = 400;

  private final Call proxy;
  private final String method;
  private final String target;
  private final int denied;
  private int status = 200;
  private boolean cacheControl;

  private ForwardedCall(Call proxy, String method, String target, int denied) {
    this.proxy = proxy;
    this.method = method;
    this.target = target;
    this.denied = denied;
  }

  /**
   * The request that a proxy's request tells of.
   *
   * @param denied the status of a denial
   * @throws BadRequest if it tells of two, or of none that can be
   */
  static ForwardedCall of(Call proxy, AuthSettings.Told told, int denied) {
    String method = one(proxy, fields(METHODS, told));
    String target = one(proxy, fields(TARGETS, told));
    if (method != null && !isMethod(method)) {
      throw BadRequest.of("method", method, "a token of at most " + MAX_METHOD + " characters");
    }
    String path = target == null ? "" : Query.origin(target);
    if (target != null && !path.startsWith("/") && !path.equals("*")) {
      throw BadRequest.of("target", target, "a path or a URL");
    }
    return new ForwardedCall(proxy, method == null ? proxy.method() : method, path, denied);
  }

  /** The proxy's own request, of which nothing is read, to be answered as a denial. */
  static ForwardedCall unread(Call proxy, int denied) {
    return new ForwardedCall(proxy, proxy.method(), "", denied);
  }

  /** Whether a request tells of another, and so comes, or pretends to come, from a proxy. */
  static boolean tells(Call call) {
    return call.header(FORWARDED_FOR) != null
        || call.header(FORWARDED_HOST) != null
        || has(call, METHODS)
        || has(call, TARGETS);
  }

  private static boolean has(Call call, List<String> names) {
    for (String name : names) {
      if (call.header(name) != null) {
        return true;
      }
    }
    return false;
  }

  private static List<String> fields(List<String> all, AuthSettings.Told told) {
    return switch (told) {
      case ANY -> all;
      case X_FORWARDED -> all.subList(0, 1);
      case X_ORIGINAL -> all.subList(1, all.size());
    };
  }

  /*
   * A proxy sets one of the fields, and lets a client's others through: a client that could have
   * another path counted than the one that it gets would have no limit at all.
   */
  private static @Nullable String one(Call call, List<String> names) {
    String found = null;
    for (String name : names) {
      if (call.header(name) == null) {
        continue;
      }
      for (String value : call.headers(name)) {
        if (found != null && !found.equals(value)) {
          throw BadRequest.of(name, value, "the same as in the other fields: " + found);
        }
        found = value;
      }
    }
    return found;
  }

  private static boolean isMethod(String text) {
    return !text.isEmpty()
        && text.length() <= MAX_METHOD
        && text.chars().allMatch(c -> c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '-');
  }

  @Override
  public String method() {
    return method;
  }

  /** The request's target; empty if the proxy does not tell. */
  @Override
  public String target() {
    return target;
  }

  @Override
  public @Nullable String header(String name) {
    if (name.equalsIgnoreCase(HOST)) {
      String host = proxy.header(FORWARDED_HOST);
      return host == null ? proxy.header(HOST) : host;
    }
    return proxy.header(name);
  }

  @Override
  public List<String> headers(String name) {
    return proxy.headers(name);
  }

  @Override
  public String peer() {
    return proxy.peer();
  }

  @Override
  public void status(int status) {
    this.status = status;
  }

  @Override
  public void field(CharSequence name, CharSequence value) {
    cacheControl |= name == HttpHeaders.CACHE_CONTROL;
    proxy.field(name, value);
  }

  @Override
  public boolean hasContentType() {
    return proxy.hasContentType();
  }

  @Override
  public void end() {
    head();
    proxy.end();
  }

  @Override
  public void end(ByteWriter body) {
    head();
    proxy.end(body);
  }

  private void head() {
    if (!cacheControl) {
      proxy.field(HttpHeaders.CACHE_CONTROL, Answers.NO_STORE);
    }
    if (status < FIRST_ERROR) {
      proxy.status(status);
      return;
    }
    proxy.field(STATUS_FIELD, Integer.toString(status));
    // Whoever understands few statuses understands that one.
    boolean own = denied == AuthQuery.OWN_STATUS || status == UNAUTHORIZED;
    proxy.status(own ? status : denied);
  }

  @Override
  public <T> void await(
      CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> next) {
    proxy.await(stage, next);
  }

  @Override
  public void failed(Problem problem) {
    proxy.failed(problem);
  }
}
