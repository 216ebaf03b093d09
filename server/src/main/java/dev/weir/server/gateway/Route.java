// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the gateway does with the requests of one path and some methods.
 *
 * @param name shown in logs
 * @param path which paths
 * @param methods which methods, in upper case; empty means every one
 * @param identity who a request is counted as
 * @param check what is charged; empty means nothing
 * @param fields which rate limit fields its answers carry
 * @param extraHeaders fields of every answer that was allowed
 * @param denied what a denial answers, if not a problem
 * @param log what is logged of each decision
 * @param action what happens if it is allowed
 */
public record Route(
    String name,
    PathTemplate path,
    Set<String> methods,
    Identification identity,
    List<DescriptorTemplate> check,
    Optional<dev.weir.server.wire.HeaderProfile> fields,
    List<Answer.Header> extraHeaders,
    Optional<Answer> denied,
    DecisionLog log,
    Action action) {

  /**
   * Who a request is counted as.
   *
   * @param sources tried in order
   * @param absent what a request without any answers; empty lets it pass without an identity
   * @param refusals what one with a bad API key answers
   * @param scope what an API key must be good for, if anything
   */
  public record Identification(
      List<IdentitySource> sources,
      Optional<Answer> absent,
      Refusals refusals,
      Optional<String> scope) {
    public Identification {
      sources = List.copyOf(sources);
      requireNonNull(absent, "absent");
      requireNonNull(refusals, "refusals");
      requireNonNull(scope, "scope");
    }

    /** Whether the client's certificate may tell. */
    boolean byCertificate() {
      for (IdentitySource source : sources) {
        if (source.from() == IdentitySource.From.CERTIFICATE) {
          return true;
        }
      }
      return false;
    }

    /** Nobody in particular. */
    public static final Identification NONE = of(List.of(), Optional.empty());

    /** By sources that are no API keys, or whose refusals are problems. */
    public static Identification of(List<IdentitySource> sources, Optional<Answer> absent) {
      return new Identification(sources, absent, Refusals.PROBLEMS, Optional.empty());
    }
  }

  /**
   * What a request with a bad API key answers, if not a problem.
   *
   * @param empty the key is blank
   * @param malformed it cannot be a key
   * @param unknown it is nobody's, or no longer
   * @param forbidden it lacks the scope
   */
  public record Refusals(
      Optional<Answer> empty,
      Optional<Answer> malformed,
      Optional<Answer> unknown,
      Optional<Answer> forbidden) {

    /** Problems, all of them. */
    public static final Refusals PROBLEMS =
        new Refusals(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /**
   * Lines of the log.
   *
   * @param allowed for an admitted request
   * @param denied for a denied one
   */
  public record DecisionLog(Optional<Template> allowed, Optional<Template> denied) {

    /** No lines. */
    public static final DecisionLog NONE = new DecisionLog(Optional.empty(), Optional.empty());
  }

  /** What happens to a request that is allowed. */
  public sealed interface Action {

    /** Answer it here. */
    record Respond(Answer answer) implements Action {}

    /** Pass it on. */
    record Upstream(Target target) implements Action {}

    /** Tell whoever asks that it may go on. */
    record Admit() implements Action {}

    /** Tell the state of its counters without charging them. */
    record Peek(Answer answer) implements Action {}

    /** Tell whether the store can be reached. */
    record Health(Answer healthy, Answer unhealthy) implements Action {}
  }

  public Route {
    requireNonNull(name, "name");
    requireNonNull(path, "path");
    methods = Set.copyOf(methods);
    requireNonNull(identity, "identity");
    check = List.copyOf(check);
    requireNonNull(fields, "fields");
    extraHeaders = List.copyOf(extraHeaders);
    requireNonNull(denied, "denied");
    requireNonNull(log, "log");
    requireNonNull(action, "action");
  }

  /** Whether it matters to it who calls. */
  boolean countsCallers() {
    return !check.isEmpty() || !identity.sources().isEmpty();
  }

  boolean serves(String method) {
    return methods.isEmpty() || methods.contains(method);
  }
}
