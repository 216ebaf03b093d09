// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.sizing.Coefficients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tables of {@code docs/scaling.md}: each stands between {@code <!-- table: NAME -->} and
 * {@code <!-- end -->}, and is written by {@code ./weir bench scale fit}.
 */
final class ScaleDocument {

  /** Where the document is in the repository. */
  static final String DOCUMENT = "docs/scaling.md";

  /** Where the measurements are in the repository. */
  static final String RUNS = "benchmarks/scale/runs.csv";

  /** Where the coefficients are in the repository. */
  static final String COEFFICIENTS =
      "sizing/src/main/resources/dev/weir/sizing/coefficients.properties";

  private static final Pattern TABLE =
      Pattern.compile("(?s)(<!-- table: (\\S+) -->\n).*?(<!-- end -->)");

  private ScaleDocument() {}

  /** Fits to a file, prints how good that is, and writes coefficients and tables. */
  static void fit(Path root, Path file) throws IOException {
    ScaleFit fit = ScaleFit.of(ScaleTable.read(file));
    Map<String, String> tables = tables(fit);
    tables.forEach((name, table) -> System.out.printf("%s%n%n%s%n", name, table));
    Path document = root.resolve(DOCUMENT);
    Files.writeString(root.resolve(COEFFICIENTS), coefficients(fit.coefficients()));
    Files.writeString(document, filled(Files.readString(document), tables));
    Path runs = root.resolve(RUNS);
    if (!Files.exists(runs) || !Files.isSameFile(runs, file)) {
      Files.createDirectories(runs.getParent());
      Files.write(runs, Files.readAllBytes(file));
    }
    System.out.printf("written: %s, %s, %s%n", COEFFICIENTS, DOCUMENT, RUNS);
  }

  /** The resource that holds coefficients. */
  static String coefficients(Coefficients coefficients) {
    return "# SPDX-License-Identifier: Apache-2.0\n"
        + "# Written by ./weir bench scale fit from "
        + RUNS
        + ": docs/scaling.md tells of it.\n"
        + coefficients.text();
  }

  /** Every table by its name. */
  static Map<String, String> tables(ScaleFit fit) {
    Map<String, String> tables = new LinkedHashMap<>();
    tables.put("conditions", FitTables.conditions(fit.table()));
    tables.put("coefficients", SizeTables.coefficients(fit.coefficients()));
    tables.put("fit", FitTables.all(fit));
    tables.put("error", FitTables.errors(fit));
    tables.put("exactness", FitTables.exactness(fit.table()));
    tables.put("latency", FitTables.latency(fit.table()));
    tables.put("peers", FitTables.peers(fit.table()));
    tables.put("ten-shards", SizeTables.tenShards(fit.coefficients()));
    tables.put("two-million", SizeTables.twoMillion(fit.coefficients()));
    tables.put("sizes", SizeTables.sizes(fit.coefficients()));
    return tables;
  }

  /** A document with its tables replaced. */
  static String filled(String document, Map<String, String> tables) {
    Matcher matcher = TABLE.matcher(document);
    return matcher.replaceAll(
        found -> {
          String table = tables.get(found.group(2));
          if (table == null) {
            throw new IllegalArgumentException(
                DOCUMENT
                    + ": table "
                    + found.group(2)
                    + " (expected: one of "
                    + tables.keySet()
                    + ")");
          }
          return Matcher.quoteReplacement(found.group(1) + table + found.group(3));
        });
  }
}
