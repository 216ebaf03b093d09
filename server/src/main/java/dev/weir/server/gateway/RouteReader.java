// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import dev.weir.policy.Fields;
import dev.weir.policy.Node;
import dev.weir.server.wire.HeaderProfile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** Reads the routes of a configuration. */
public final class RouteReader {

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofHours(1);

  /** What of a client's certificate is its name. */
  private enum CertificateName {
    SUBJECT,
    SAN
  }

  private RouteReader() {}

  /** The routes of a list; what is wrong with them is noted and left out. */
  public static List<Route> routes(Node list) {
    List<Route> routes = new ArrayList<>();
    for (Node item : list.items()) {
      route(item).ifPresent(routes::add);
    }
    return routes;
  }

  private static Optional<Route> route(Node node) {
    return route(node, fields -> action(node, fields));
  }

  /** A route without an action of its own, of every method unless it names some. */
  static Optional<Route> rule(Node node) {
    return route(node, fields -> Optional.of(new Route.Action.Admit()));
  }

  private static Optional<Route> route(
      Node node, Function<Fields, Optional<Route.Action>> actions) {
    Fields fields = node.fields();
    Optional<PathTemplate> path =
        fields.required("path").flatMap(text -> text.convert(PathTemplate::of));
    String name = fields.text("name").orElse(path.map(PathTemplate::text).orElse("nameless"));
    Optional<Set<String>> methods = fields.node("methods").map(RouteReader::methods);
    Route.Identification identity =
        fields.node("identity").map(RouteReader::identity).orElse(Route.Identification.NONE);
    List<DescriptorTemplate> check = fields.node("check").map(RouteReader::check).orElse(List.of());
    Optional<HeaderProfile> profile = fields.node("limit-headers").flatMap(RouteReader::profile);
    List<Answer.Header> headers =
        fields.node("headers").map(AnswerReader::headers).orElse(List.of());
    Optional<Answer> denied = fields.node("denied").map(answer -> AnswerReader.answer(answer, 429));
    Route.DecisionLog log = fields.node("log").map(RouteReader::log).orElse(Route.DecisionLog.NONE);
    Optional<Route.Action> action = actions.apply(fields);
    fields.done();
    if (path.isEmpty() || action.isEmpty()) {
      return Optional.empty();
    }
    Set<String> served =
        methods.orElse(
            switch (action.get()) {
              case Route.Action.Upstream upstream -> Set.of();
              case Route.Action.Admit admit -> Set.of();
              case Route.Action.Respond respond -> Set.of("GET", "HEAD");
              case Route.Action.Peek peek -> Set.of("GET", "HEAD");
              case Route.Action.Health health -> Set.of("GET", "HEAD");
            });
    return Optional.of(
        new Route(
            name,
            path.get(),
            served,
            identity,
            check,
            profile,
            headers,
            denied,
            log,
            action.get()));
  }

  private static Set<String> methods(Node node) {
    Set<String> methods = new TreeSet<>();
    for (Node item : node.items()) {
      item.convert(RouteReader::method).ifPresent(methods::add);
    }
    return methods;
  }

  private static String method(String text) {
    String method = text.toUpperCase(Locale.ROOT);
    if (!method.matches("[A-Z]{1,20}")) {
      throw new IllegalArgumentException("method (expected: GET, POST or another)");
    }
    return method;
  }

  /** The profile of limit headers that a configuration names. */
  public static Optional<HeaderProfile> profile(Node node) {
    return node.convert(
        text ->
            HeaderProfile.of(text)
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "profile (expected: ietf, ietf-06, x-epoch, x-delta or none)")));
  }

  private static Route.Identification identity(Node node) {
    if (node.kind() == Node.Kind.SEQUENCE) {
      return Route.Identification.of(sources(node), Optional.empty());
    }
    Fields fields = node.fields();
    List<IdentitySource> sources =
        fields.required("from").map(RouteReader::sources).orElse(List.of());
    Optional<Answer> absent = fields.node("absent").map(answer -> AnswerReader.answer(answer, 401));
    Route.Refusals refusals =
        new Route.Refusals(
            fields.node("empty").map(answer -> AnswerReader.answer(answer, 401)),
            fields.node("malformed").map(answer -> AnswerReader.answer(answer, 400)),
            fields.node("unknown").map(answer -> AnswerReader.answer(answer, 401)),
            fields.node("forbidden").map(answer -> AnswerReader.answer(answer, 403)));
    Optional<String> scope = fields.text("scope");
    fields.done();
    if (sources.stream().noneMatch(source -> source.from() == IdentitySource.From.API_KEY)
        && (scope.isPresent() || !refusals.equals(Route.Refusals.PROBLEMS))) {
      node.report("no api-key (expected: one in from, for scope, empty, malformed or unknown)");
    }
    return new Route.Identification(sources, absent, refusals, scope);
  }

  private static List<IdentitySource> sources(Node list) {
    List<IdentitySource> sources = new ArrayList<>();
    for (Node item : list.items()) {
      source(item).ifPresent(sources::add);
    }
    return sources;
  }

  private static Optional<IdentitySource> source(Node node) {
    if (node.kind() == Node.Kind.SCALAR) {
      if (node.text().filter("address"::equals).isEmpty()) {
        node.expect("address, or a mapping of api-key, certificate, header, query or path");
        return Optional.empty();
      }
      return Optional.of(address("address"));
    }
    Fields fields = node.fields();
    List<IdentitySource> found = new ArrayList<>();
    Optional<String> kind = fields.text("as");
    boolean secret = fields.truth("secret").orElse(false);
    fields.truth("address").ifPresent(yes -> found.add(address(kind.orElse("address"))));
    fields
        .text("api-key")
        .ifPresent(
            header ->
                found.add(new IdentitySource(IdentitySource.From.API_KEY, header, "user", true)));
    fields
        .choice("certificate", CertificateName.class)
        .ifPresent(
            part ->
                found.add(
                    new IdentitySource(
                        IdentitySource.From.CERTIFICATE,
                        part.name().toLowerCase(Locale.ROOT),
                        kind.orElse("certificate"),
                        false)));
    for (IdentitySource.From from :
        List.of(IdentitySource.From.HEADER, IdentitySource.From.QUERY, IdentitySource.From.PATH)) {
      fields
          .text(from.name().toLowerCase(Locale.ROOT))
          .ifPresent(
              name ->
                  found.add(
                      new IdentitySource(
                          from, name, kind.orElse(name.toLowerCase(Locale.ROOT)), secret)));
    }
    fields.done();
    if (found.size() != 1) {
      node.expect("one of api-key, address, certificate, header, query and path");
      return Optional.empty();
    }
    return Optional.of(found.getFirst());
  }

  private static IdentitySource address(String kind) {
    return new IdentitySource(IdentitySource.From.ADDRESS, "", kind, false);
  }

  private static List<DescriptorTemplate> check(Node node) {
    List<Node> items = node.kind() == Node.Kind.SEQUENCE ? node.items() : List.of(node);
    List<DescriptorTemplate> templates = new ArrayList<>();
    for (Node item : items) {
      Fields fields = item.fields();
      Optional<String> domain = fields.required("domain").flatMap(Node::text);
      List<DescriptorTemplate.Entry> entries =
          fields.required("entries").map(RouteReader::entries).orElse(List.of());
      Optional<Template> cost = fields.node("cost").flatMap(text -> text.convert(Template::of));
      fields.done();
      domain.ifPresent(name -> templates.add(new DescriptorTemplate(name, entries, cost)));
    }
    return templates;
  }

  private static List<DescriptorTemplate.Entry> entries(Node node) {
    Fields fields = node.fields();
    List<DescriptorTemplate.Entry> entries = new ArrayList<>();
    for (String key : fields.names()) {
      fields
          .node(key)
          .flatMap(value -> value.convert(Template::of))
          .ifPresent(template -> entries.add(new DescriptorTemplate.Entry(key, template)));
    }
    return entries;
  }

  private static Route.DecisionLog log(Node node) {
    Fields fields = node.fields();
    Optional<Template> allowed = fields.node("allowed").flatMap(text -> text.convert(Template::of));
    Optional<Template> denied = fields.node("denied").flatMap(text -> text.convert(Template::of));
    fields.done();
    return new Route.DecisionLog(allowed, denied);
  }

  private static Optional<Route.Action> action(Node node, Fields fields) {
    List<Route.Action> actions = new ArrayList<>();
    fields
        .node("respond")
        .map(answer -> new Route.Action.Respond(AnswerReader.answer(answer, 200)))
        .ifPresent(actions::add);
    fields
        .node("peek")
        .map(answer -> new Route.Action.Peek(AnswerReader.answer(answer, 200)))
        .ifPresent(actions::add);
    fields.node("health").map(RouteReader::health).ifPresent(actions::add);
    Optional<Node> upstream = fields.node("upstream");
    upstream.flatMap(RouteReader::upstream).map(Route.Action.Upstream::new).ifPresent(actions::add);
    if (actions.size() > 1 || actions.isEmpty() && upstream.isEmpty()) {
      node.report(
          "action: " + actions.size() + " (expected: one of respond, upstream, peek, health)");
    }
    return actions.size() == 1 ? Optional.of(actions.getFirst()) : Optional.empty();
  }

  private static Route.Action health(Node node) {
    Fields fields = node.fields();
    Answer healthy =
        fields
            .node("healthy")
            .map(answer -> AnswerReader.answer(answer, 200))
            .orElse(Answer.json(200, "{\"status\":\"ok\"}"));
    Answer unhealthy =
        fields
            .node("unhealthy")
            .map(answer -> AnswerReader.answer(answer, 503))
            .orElse(Answer.json(503, "{\"status\":\"degraded\",\"error\":\"{store-error}\"}"));
    fields.done();
    return new Route.Action.Health(healthy, unhealthy);
  }

  private static Optional<Target> upstream(Node node) {
    if (node.kind() == Node.Kind.SCALAR) {
      return node.convert(Target::of);
    }
    Fields fields = node.fields();
    Optional<Target> target = fields.required("url").flatMap(url -> url.convert(Target::of));
    Optional<Duration> timeout = fields.duration("timeout", SHORTEST, LONGEST);
    Optional<Duration> connect = fields.duration("connect-timeout", SHORTEST, LONGEST);
    boolean keepHost = fields.truth("keep-host").orElse(false);
    fields.done();
    return target
        .map(found -> timeout.map(found::timeout).orElse(found))
        .map(found -> connect.map(found::connectTimeout).orElse(found))
        .map(found -> keepHost ? found.keepingHost() : found);
  }
}
