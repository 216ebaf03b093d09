// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import static java.util.Objects.requireNonNull;

/** A request that cannot be served, with the problem that tells its sender why. */
public final class BadRequest extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  public BadRequest(Problem problem) {
    // A client's mistake is no news to an operator: it carries no stack trace.
    super(problem.detail(), null, false, false);
    this.problem = requireNonNull(problem, "problem");
  }

  /** A value that is not what it must be. */
  public static BadRequest of(String name, String value, String expected) {
    return new BadRequest(
        Problem.of(400, name + ": " + value + " (expected: " + expected + ")")
            .with("name", name)
            .with("value", value)
            .with("expected", expected));
  }

  /** A value that is not what it must be, at a byte of the body. */
  public static BadRequest at(String name, String value, String expected, int position) {
    return new BadRequest(
        Problem.of(400, name + ": " + value + " (expected: " + expected + ") at byte " + position)
            .with("name", name)
            .with("value", value)
            .with("expected", expected)
            .with("position", position));
  }

  public Problem problem() {
    return problem;
  }
}
