// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import java.util.List;
import java.util.stream.Collectors;

/** A file cannot be used; tells everything that is wrong with it, a line each. */
public final class InvalidFileException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  public InvalidFileException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** What is wrong, in the order of the file. */
  public List<Problem> problems() {
    return problems;
  }
}
