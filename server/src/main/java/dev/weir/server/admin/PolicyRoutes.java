// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import dev.weir.policy.Problem;
import dev.weir.server.control.PolicyVersion;
import dev.weir.server.control.PolicyVersions;
import dev.weir.server.identity.ChangeRefused;
import dev.weir.server.wire.BadRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The policies in force, and the versions before them. A body is a policy file in YAML or JSON of
 * its own type, or JSON with the file as {@code text}.
 */
final class PolicyRoutes {

  private static final String POLICIES = "/v1/admin/policies";
  private static final String[] FILES = {"application/yaml", "text/yaml", "application/x-yaml"};
  private static final int MAX_BODY = 4_194_304;
  private static final int MAX_TOLD = 100;
  private static final Pattern TAG = Pattern.compile("\"?([0-9]{1,18})\"?");

  /**
   * What somebody wants.
   *
   * @param text the policy file
   * @param expected the version that it takes the place of, if the body says so
   */
  private record Wanted(String text, OptionalLong expected, String reason) {}

  private final PolicyVersions versions;

  PolicyRoutes(Administration administration) {
    this.versions = administration.policies();
  }

  List<Route> routes() {
    // Large files take a while to read and write.
    return List.of(
        Route.get(POLICIES, Role.VIEWER, visit -> current()).blocking(),
        Route.put(POLICIES, Role.ADMIN, this::put)
            .query("reason")
            .bodies(MAX_BODY, FILES)
            .blocking(),
        Route.post(POLICIES + "/validate", Role.VIEWER, this::validate)
            .bodies(MAX_BODY, FILES)
            .blocking(),
        Route.post(POLICIES + "/rollback", Role.ADMIN, this::rollback).blocking(),
        Route.get(POLICIES + "/versions", Role.VIEWER, visit -> history()),
        Route.get(POLICIES + "/versions/{version}", Role.VIEWER, this::version));
  }

  /** The problem of a policy file that cannot be used. */
  static dev.weir.server.wire.Problem wrong(List<Problem> problems) {
    return dev.weir.server.wire.Problem.of(
            422,
            "policies: " + (problems.size() == 1 ? "1 problem" : problems.size() + " problems"))
        .with("problems", problems.stream().limit(MAX_TOLD).map(Problem::toString).toList());
  }

  private CompletionStage<Reply> current() {
    long version = versions.current();
    return ProcessRoutes.done(
        Reply.ok(
                new JsonObject()
                    .put("version", version)
                    .put("applied", versions.applied())
                    .put("text", versions.inForce()))
            .field("ETag", tag(version)));
  }

  private static String tag(long version) {
    return "\"" + version + "\"";
  }

  private static Wanted wanted(Visit visit) {
    if (visit.isText()) {
      return new Wanted(text(visit), OptionalLong.empty(), visit.parameter("reason").orElse(""));
    }
    Input input = visit.input();
    Wanted wanted =
        new Wanted(
            input.text("text"),
            input.optionalInteger("expectedVersion", 0, Long.MAX_VALUE),
            input.optionalText("reason").orElse(visit.parameter("reason").orElse("")));
    input.done();
    return wanted;
  }

  private static String text(Visit visit) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(visit.body().getBytes()))
          .toString();
    } catch (CharacterCodingException e) {
      throw BadRequest.of("body", "bytes that are not UTF-8", "UTF-8");
    }
  }

  /** The version that is to be replaced: nobody overwrites what they have not seen. */
  private static long expected(Visit visit, OptionalLong told) {
    if (told.isPresent()) {
      return told.getAsLong();
    }
    Optional<String> match = visit.ifMatch();
    Matcher matcher = TAG.matcher(match.orElse(""));
    if (!matcher.matches()) {
      throw new BadRequest(
          dev.weir.server.wire.Problem.of(
              428,
              "version: missing (expected: the version that is replaced, as expectedVersion or as"
                  + " If-Match with the ETag of GET "
                  + POLICIES
                  + ")"));
    }
    return Long.parseLong(matcher.group(1));
  }

  private CompletionStage<Reply> put(Visit visit) {
    Wanted wanted = wanted(visit);
    long expected = expected(visit, wanted.expected);
    return versions
        .put(wanted.text, expected, visit.author(), wanted.reason)
        .thenApply(PolicyRoutes::inForce);
  }

  private static Reply inForce(PolicyVersion version) {
    return Reply.ok(shown(version)).field("ETag", tag(version.version()));
  }

  private static JsonObject shown(PolicyVersion version) {
    return new JsonObject()
        .put("version", version.version())
        .put("author", version.author())
        .put("at", Shown.moment(version.atMillis()))
        .put("reason", version.reason());
  }

  private CompletionStage<Reply> validate(Visit visit) {
    List<Problem> problems = versions.validate(wanted(visit).text);
    JsonArray told = new JsonArray();
    for (Problem problem : problems.stream().limit(MAX_TOLD).toList()) {
      told.add(
          new JsonObject()
              .put("line", problem.line())
              .put("column", problem.column())
              .put("path", problem.path())
              .put("message", problem.message()));
    }
    return ProcessRoutes.done(
        Reply.ok(new JsonObject().put("valid", problems.isEmpty()).put("problems", told)));
  }

  private CompletionStage<Reply> rollback(Visit visit) {
    Input input = visit.input();
    long version = input.integer("version", 0, Long.MAX_VALUE);
    OptionalLong told = input.optionalInteger("expectedVersion", 0, Long.MAX_VALUE);
    String reason = input.optionalText("reason").orElse("");
    input.done();
    return versions
        .rollback(version, expected(visit, told), visit.author(), reason)
        .thenApply(PolicyRoutes::inForce);
  }

  private CompletionStage<Reply> history() {
    JsonArray all = new JsonArray();
    versions.history().forEach(version -> all.add(shown(version)));
    return ProcessRoutes.done(
        Reply.ok(new JsonObject().put("current", versions.current()).put("versions", all)));
  }

  private CompletionStage<Reply> version(Visit visit) {
    String id = visit.variable("version");
    if (!id.matches("[0-9]{1,18}")) {
      throw missing();
    }
    long version = Long.parseLong(id);
    Optional<PolicyVersion> about =
        versions.history().stream().filter(each -> each.version() == version).findFirst();
    return versions
        .text(version)
        .thenApply(
            text ->
                Reply.ok(
                    about
                        .map(PolicyRoutes::shown)
                        .orElseGet(() -> new JsonObject().put("version", version))
                        .put("text", text.orElseThrow(PolicyRoutes::missing))));
  }

  private static ChangeRefused missing() {
    return new ChangeRefused(ChangeRefused.Why.NOT_FOUND, "version: does not exist");
  }
}
