// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Collects everything that is wrong with a file, so that all of it is told at once. Not safe for
 * use by several threads.
 */
public final class Problems {

  /** A file with more mistakes is not what it is taken for. */
  private static final int MAX = 1_000;

  private final List<Problem> problems = new ArrayList<>();

  /** No problem yet. */
  public Problems() {}

  /** Notes one more; beyond a thousand they are dropped. */
  public void add(Problem problem) {
    if (problems.size() < MAX) {
      problems.add(requireNonNull(problem, "problem"));
    }
  }

  /** Everything noted so far, in the order of the file. */
  public List<Problem> all() {
    List<Problem> sorted = new ArrayList<>(problems);
    sorted.sort(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column));
    return List.copyOf(sorted);
  }

  int count() {
    return problems.size();
  }

  /** Whether nothing was noted. */
  public boolean none() {
    return problems.isEmpty();
  }

  /**
   * Ends the reading of a file.
   *
   * @throws InvalidFileException if anything was noted
   */
  public void throwIfAny() {
    if (!none()) {
      throw new InvalidFileException(all());
    }
  }
}
