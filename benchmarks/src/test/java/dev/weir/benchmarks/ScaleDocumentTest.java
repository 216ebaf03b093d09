// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.sizing.Coefficients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What {@code docs/scaling.md} says, the coefficients that {@code weir size} reckons with and the
 * measurements in the repository are of one fit: {@code ./weir bench scale fit} writes the first
 * two from the third.
 */
final class ScaleDocumentTest {

  private static final Path ROOT =
      Path.of(System.getProperty("basedir", ".")).toAbsolutePath().resolve("..").normalize();

  private final Path runs = ROOT.resolve(ScaleDocument.RUNS);

  @Test
  void coefficients_shipped_areThoseOfTheMeasurements() throws IOException {
    ScaleFit fit = ScaleFit.of(ScaleTable.read(runs));

    assertThat(Files.readString(ROOT.resolve(ScaleDocument.COEFFICIENTS)))
        .isEqualTo(ScaleDocument.coefficients(fit.coefficients()));
  }

  @Test
  void tables_ofTheDocument_areThoseOfMeasurementsAndCoefficients() throws IOException {
    String document = Files.readString(ROOT.resolve(ScaleDocument.DOCUMENT));
    Map<String, String> tables = ScaleDocument.tables(ScaleFit.of(ScaleTable.read(runs)));

    assertThat(document).isEqualTo(ScaleDocument.filled(document, tables));
    for (String name : tables.keySet()) {
      assertThat(document).contains("<!-- table: " + name + " -->");
    }
  }

  @Test
  void sizes_ofTheDocument_areThoseOfTheShippedCoefficients() throws IOException {
    String document = Files.readString(ROOT.resolve(ScaleDocument.DOCUMENT));

    assertThat(document)
        .contains(SizeTables.sizes(Coefficients.shipped()))
        .contains(SizeTables.twoMillion(Coefficients.shipped()));
  }
}
