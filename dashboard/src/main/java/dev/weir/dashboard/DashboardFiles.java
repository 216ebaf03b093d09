// SPDX-License-Identifier: Apache-2.0
package dev.weir.dashboard;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The files of the dashboard, all static and none with a secret. Safe for use by any thread. */
public final class DashboardFiles {

  /* A list and not a walk: what a jar happens to hold is not served, and no file system of a jar
   * is opened. A test holds the list against the folder. */
  static final List<String> NAMES =
      List.of(
          "app.js",
          "charts/chart.umd.min.js",
          "icon.svg",
          "index.html",
          "lib/api.js",
          "lib/charts.js",
          "lib/code.js",
          "lib/diff.js",
          "lib/dom.js",
          "lib/format.js",
          "lib/live.js",
          "lib/series.js",
          "lib/session.js",
          "lib/ui.js",
          "views/apikeys.js",
          "views/audit.js",
          "views/bans.js",
          "views/figures.js",
          "views/health.js",
          "views/instances.js",
          "views/keys.js",
          "views/limits.js",
          "views/overview.js",
          "views/policies.js",
          "views/signin.js",
          "views/state.js",
          "views/topkeys.js",
          "views/users.js",
          "views/versions.js",
          "weir.css");

  private DashboardFiles() {}

  /**
   * Every file by its path below the folder it is served at, such as {@code index.html} or {@code
   * lib/dom.js}. Reads them anew with each call and so blocks; less than a megabyte.
   *
   * @throws IllegalStateException if one is missing from the jar
   */
  public static Map<String, byte[]> read() {
    Map<String, byte[]> files = new TreeMap<>();
    for (String name : NAMES) {
      files.put(name, read(name));
    }
    return files;
  }

  private static byte[] read(String name) {
    try (InputStream in = DashboardFiles.class.getResourceAsStream("files/" + name)) {
      if (in == null) {
        throw new IllegalStateException("files/" + name + ": missing (expected: in the jar)");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
