// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteWriterTest {

  @Test
  void number_everyLength_isWrittenAsItIs() {
    for (long value = 1; value > 0; value = value * 10 + value % 7) {
      assertThat(new ByteWriter().number(value)).hasToString(Long.toString(value));
      assertThat(new ByteWriter().number(-value)).hasToString(Long.toString(-value));
    }
    for (long value : new long[] {0, Long.MAX_VALUE, Long.MIN_VALUE, 9, 10, 99, 100}) {
      assertThat(new ByteWriter().number(value)).hasToString(Long.toString(value));
    }
  }

  @Test
  void quoted_whatJsonForbids_isEscaped() {
    assertThat(new ByteWriter().quoted("a\"b\\c\n\u0001\u007f\u00fc\u20ac\ud83d\ude00\ud83d"))
        .hasToString("\"a\\\"b\\\\c\\u000a\\u0001\\u007f\u00fc\u20ac\ud83d\ude00\\ud83d\"");
  }

  @Test
  void base64url_anyBytes_isWhatTheJdkWrites() {
    Random random = new Random(7);
    for (int length = 0; length < 100; length++) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      assertThat(new ByteWriter().base64url(bytes, 0, length))
          .hasToString(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }
  }

  @Test
  void clear_afterALargeAnswer_startsAnew() {
    ByteWriter out = new ByteWriter().text("x".repeat(1_000_000)).clear().text("small");
    assertThat(out.toBytes()).isEqualTo("small".getBytes(StandardCharsets.US_ASCII));
  }
}
