// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.dashboard;

import static java.util.Objects.requireNonNull;

import dev.weir.server.wire.Answers;
import dev.weir.server.wire.Connection;
import dev.weir.server.wire.FrontEnd;
import dev.weir.server.wire.FullCall;
import dev.weir.server.wire.Problem;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pages under {@code /dashboard/}. Nothing but the files that are known is reachable: a path is
 * a name in a table and never one of a file system. Used by one event loop.
 */
public final class Pages implements FrontEnd {

  private static final Logger LOG = LoggerFactory.getLogger(Pages.class);
  private static final String HOME = "/dashboard/";
  private static final String INDEX = "index.html";

  /*
   * Nothing is loaded from elsewhere, nothing inline runs, no other page may frame this one, and
   * text becomes markup in no way (W3C CSP 3, Trusted Types).
   */
  private static final Map<String, String> FIELDS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
              + " connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none';"
              + " frame-ancestors 'none'; require-trusted-types-for 'script'",
          "X-Content-Type-Options",
          "nosniff",
          "X-Frame-Options",
          "DENY",
          "Referrer-Policy",
          "no-referrer",
          "Cross-Origin-Opener-Policy",
          "same-origin",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          "Permissions-Policy",
          "camera=(), geolocation=(), microphone=()",
          "Cache-Control",
          "no-cache");

  private final PageFiles files;

  public Pages(PageFiles files) {
    this.files = requireNonNull(files, "files");
  }

  @Override
  public boolean handle(HttpServerRequest request, String path, Connection connection) {
    boolean home = path.equals("/") || path.equals("/dashboard");
    if (!home && !path.startsWith(HOME)) {
      return false;
    }
    HttpServerResponse response = request.response();
    FIELDS.forEach(response::putHeader);
    if (!Answers.reads(request, " (expected: GET or HEAD)")) {
      return true;
    }
    if (home) {
      response.setStatusCode(302).putHeader(HttpHeaders.LOCATION, HOME).end();
    } else {
      String name = path.substring(HOME.length());
      new FullCall(request, connection)
          .await(
              files.all(),
              (all, error) -> answer(request, all, name.isEmpty() ? INDEX : name, error));
    }
    return true;
  }

  private static void answer(
      HttpServerRequest request,
      @Nullable Map<String, PageFiles.PageFile> all,
      String name,
      @Nullable Throwable error) {
    if (all == null) {
      LOG.error("reading the dashboard", error);
      Answers.problem(request, Problem.BROKEN);
      return;
    }
    PageFiles.PageFile file = all.get(name);
    if (file == null) {
      Answers.problem(request, Problem.of(404, "path: not one of the dashboard's"));
      return;
    }
    HttpServerResponse response = request.response();
    response.putHeader(HttpHeaders.ETAG, file.tag);
    if (knows(request.headers().get(HttpHeaders.IF_NONE_MATCH), file.tag)) {
      response.setStatusCode(304).end();
      return;
    }
    response.putHeader(HttpHeaders.CONTENT_TYPE, file.type);
    if (request.method() == HttpMethod.HEAD) {
      response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(file.length()));
      response.end();
    } else {
      response.end(file.body());
    }
  }

  /** RFC 9110, 13.1.2. */
  private static boolean knows(@Nullable String tags, String tag) {
    if (tags == null) {
      return false;
    }
    for (String each : tags.split(",", -1)) {
      String known = each.strip();
      if (known.equals("*") || known.equals(tag) || known.equals("W/" + tag)) {
        return true;
      }
    }
    return false;
  }
}
