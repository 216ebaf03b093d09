// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class KeyBufferTest {

  private static String encoded(String... parts) {
    KeyBuffer buffer = new KeyBuffer();
    for (String part : parts) {
      buffer.part(part);
    }
    return HexFormat.of().formatHex(buffer.copy());
  }

  @Test
  void part_anyText_isItsLengthAndUtf8() {
    for (String text : List.of("", "a", "ü", "€", "😀", "a😀b\0", "x".repeat(500))) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      String expected = "%08x".formatted(utf8.length) + HexFormat.of().formatHex(utf8);
      assertThat(encoded(text)).isEqualTo(expected);
      KeyBuffer bytes = new KeyBuffer().part(utf8, 0, utf8.length);
      assertThat(HexFormat.of().formatHex(bytes.copy())).isEqualTo(expected);
    }
  }

  @Test
  void part_unpairedSurrogates_doNotMerge() {
    List<String> texts =
        List.of(
            "?",
            "\uFFFD",
            "\uD800",
            "\uDC00",
            "\uDBFF",
            "\uDC00\uD800",
            "\uD800a",
            "\uD800\uDC00",
            "a\uD800",
            "\uD83D\uD83D\uDE00",
            "\uD83D\uDE00\uD83D");
    Set<String> encodings = new HashSet<>();
    texts.forEach(text -> encodings.add(encoded(text)));
    assertThat(encodings).hasSameSizeAs(texts);
  }

  @Test
  void parts_differentLists_neverMerge() {
    Random random = new Random(7);
    Set<List<String>> lists = new HashSet<>();
    Set<String> encodings = new HashSet<>();
    for (int i = 0; i < 20_000; i++) {
      List<String> parts = new ArrayList<>();
      for (int n = random.nextInt(4); n > 0; n--) {
        parts.add(text(random));
      }
      lists.add(List.copyOf(parts));
      encodings.add(encoded(parts.toArray(String[]::new)));
    }
    assertThat(encodings).hasSameSizeAs(lists);
  }

  private static String text(Random random) {
    char[] alphabet = {'\0', '\1', 'a', ':', '\uD83D', '\uDE00', 'é'};
    StringBuilder text = new StringBuilder();
    for (int n = random.nextInt(4); n > 0; n--) {
      text.append(alphabet[random.nextInt(alphabet.length)]);
    }
    return text.toString();
  }

  @Test
  void clear_afterALongKey_startsAnew() {
    KeyBuffer buffer = new KeyBuffer().part("x".repeat(1_000));
    assertThat(buffer.clear().part("a").copy()).isEqualTo(new byte[] {0, 0, 0, 1, 'a'});
  }
}
