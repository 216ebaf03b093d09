// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import java.util.Collection;

/** Finds the name that was probably meant. */
public final class Nearest {

  private Nearest() {}

  /** The nearest of the names, or all of them if none is near. */
  public static String of(String name, Collection<String> names) {
    String nearest = null;
    int least = Math.max(1, name.length() / 3) + 1;
    for (String other : names) {
      int distance = distance(name, other);
      if (distance < least) {
        least = distance;
        nearest = other;
      }
    }
    if (nearest != null) {
      return nearest;
    }
    return names.isEmpty() ? "nothing" : "one of " + String.join(", ", names);
  }

  /** Insertions, deletions, replacements and swaps of neighbours that turn one into the other. */
  private static int distance(String a, String b) {
    if (Math.abs(a.length() - b.length()) > 32) {
      return Integer.MAX_VALUE;
    }
    int[][] distances = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        distances[i][j] = i == 0 ? j : j == 0 ? i : step(a, b, i, j, distances);
      }
    }
    return distances[a.length()][b.length()];
  }

  private static int step(String a, String b, int i, int j, int[][] distances) {
    int replaced = distances[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
    int edited = Math.min(distances[i - 1][j], distances[i][j - 1]) + 1;
    boolean swap =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    int swapped = swap ? distances[i - 2][j - 2] + 1 : edited;
    return Math.min(replaced, Math.min(edited, swapped));
  }
}
