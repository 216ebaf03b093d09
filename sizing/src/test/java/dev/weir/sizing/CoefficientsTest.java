// SPDX-License-Identifier: Apache-2.0
package dev.weir.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import org.junit.jupiter.api.Test;

/** Files of coefficients. */
final class CoefficientsTest {

  @Test
  void text_readAgain_isTheSame() throws IOException {
    Coefficients shipped = Coefficients.shipped();

    Coefficients again = Coefficients.read(new StringReader(shipped.text()));

    assertThat(again.text()).isEqualTo(shipped.text());
  }

  @Test
  void values_thatLackOrAreWrong_areTold() {
    String text = Coefficients.shipped().text();

    assertThatThrownBy(() -> read(text.replaceAll("redis.round=.*\n", "")))
        .hasMessage("redis.round: null (expected: 0..1e9)");
    assertThatThrownBy(() -> read(text.replaceAll("redis.round=.*", "redis.round=-1")))
        .hasMessage("redis.round: -1.0 (expected: 0..1e9)");
  }

  private static Coefficients read(String text) throws IOException {
    return Coefficients.read(new StringReader(text));
  }
}
