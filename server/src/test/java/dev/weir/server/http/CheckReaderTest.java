// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.core.Descriptor;
import dev.weir.server.wire.BadRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckReaderTest {

  private final CheckReader reader = new CheckReader();

  private CheckReader.Check read(String body) {
    byte[] bytes = ("...." + body + "....").getBytes(StandardCharsets.UTF_8);
    return reader.check(bytes, 4, bytes.length - 4, CheckReader.CHECK);
  }

  private BadRequest refusal(byte[] bytes) {
    return catchThrowableOfType(
        BadRequest.class, () -> reader.check(bytes, 0, bytes.length, CheckReader.CHECK));
  }

  private static String entry(String value) {
    return "{\"domain\":\"d\",\"descriptors\":[{\"entries\":[{\"key\":\"k\",\"value\":"
        + value
        + "}]}]}";
  }

  @Test
  void check_everyField_isRead() {
    CheckReader.Check check =
        read(
            """
            { "states" : true , "descriptors" : [
                { "cost" : 7, "entries" : [ {"value":"42","key":"user"}, {"key":"path","value":""} ] },
                { "entries" : [] } ],
              "domain" : "api" }
            """);
    assertThat(check.states()).isTrue();
    Descriptor first = Descriptor.of("api", "user", "42", "path", "").withCost(7);
    assertThat(check.descriptors()).hasSize(2);
    assertThat(check.descriptors().getFirst()).hasToString(first.toString());
    assertThat(check.descriptors().getFirst().cost()).isEqualTo(7);
    assertThat(check.descriptors().get(1).entries()).isEmpty();
    assertThat(check.descriptors().get(1).cost()).isEqualTo(1);
  }

  @Test
  void text_escapesAndUtf8_areDecoded() {
    assertThat(text("\"plain\"")).isEqualTo("plain");
    assertThat(text("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"")).isEqualTo("\"\\/\b\f\n\r\t");
    assertThat(text("\"gr\u00fc\u00df\"")).isEqualTo("gr\u00fc\u00df");
    assertThat(text("\"\\u0041\\u00e9\"")).isEqualTo("A\u00e9");
    assertThat(text("\"\\ud83d\\ude00\"")).isEqualTo("\ud83d\ude00");
    assertThat(text("\"\ud83d\ude00x\\n\u20ac\"")).isEqualTo("\ud83d\ude00x\n\u20ac");
  }

  private String text(String json) {
    return read(entry(json)).descriptors().getFirst().entries().getFirst().value();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "[]|body|[",
        "{}|domain|missing",
        "{\"domain\":\"d\"}|descriptors|missing",
        "{\"domain\":\"\",\"descriptors\":[]}|domain|\"\"",
        "{\"domain\":\"d\",\"descriptors\":[]}|descriptors|[]",
        "{\"domain\":\"d\",\"domain\":\"e\"}|domain|given twice",
        "{\"domain\":5}|domain|5",
        "{\"domian\":\"d\"}|domian|unknown field",
        "{\"domain\":\"d\",\"descriptors\":{}}|descriptors|{",
        "{\"domain\":\"d\",\"descriptors\":[{}]}|descriptors[0].entries|missing",
        "{\"domain\":\"d\",\"descriptors\":[{\"entries\":[]},{\"entries\":[{\"key\":\"\",\"value\":\"\"}]}]}|descriptors[1].entries[0].key|\"\"",
        "{\"domain\":\"d\",\"descriptors\":[{\"entries\":[],\"cost\":-1}]}|descriptors[0].cost|-1",
        "{\"domain\":\"d\",\"descriptors\":[{\"entries\":[],\"cost\":1.5}]}|descriptors[0].cost|1.5",
        "{\"domain\":\"d\",\"descriptors\":[{\"entries\":[],\"cost\":1e3}]}|descriptors[0].cost|1e3",
        "{\"domain\":\"d\",\"descriptors\":[{\"entries\":[],\"cost\":01}]}|descriptors[0].cost|01",
        "{\"domain\":\"d\",\"descriptors\":[{\"entries\":[],\"cost\":2147483648}]}|descriptors[0].cost|2147483648",
        "{\"domain\":\"d\",\"descriptors\":[{\"entries\":[],\"cost\":99999999999999999999}]}|descriptors[0].cost|99999999999999999999",
        "{\"domain\":\"d\",\"descriptors\":[{\"entries\":[],\"cost\":\"1\"}]}|descriptors[0].cost|\"1\"",
        "{\"domain\":\"d\",\"descriptors\":[{\"entries\":[],\"cost\":null}]}|descriptors[0].cost|null",
        "{\"domain\":\"d\",\"descriptors\":[{\"entries\":[[[[[[|descriptors[0].entries[0]|[[[[[",
        "{\"domain\":\"d\",\"states\":1}|states|1",
        "{\"domain\":\"d\",|body|end of body",
      })
  void mistake_isNamedWithItsValue(String body, String name, String value) {
    BadRequest refusal = refusal(body.getBytes(StandardCharsets.UTF_8));
    assertThat(refusal.problem().members())
        .containsEntry("name", name)
        .containsEntry("value", value);
    assertThat(refusal.problem().members()).containsKeys("expected", "position");
  }

  @Test
  void garbageAfterTheBody_isRefused() {
    BadRequest refusal = refusal((entry("\"v\"") + " {}").getBytes(StandardCharsets.UTF_8));
    assertThat(refusal).hasMessageContaining("nothing after the JSON value");
  }

  @Test
  void bytesThatAreNotUtf8_areRefused() {
    byte[] bytes = entry("\"xyz\"").getBytes(StandardCharsets.UTF_8);
    bytes[new String(bytes, StandardCharsets.UTF_8).indexOf("xyz")] = (byte) 0xC3;
    assertThat(refusal(bytes)).hasMessageContaining("UTF-8");
  }

  @Test
  void halfASurrogatePair_isRefused() {
    assertThat(refusal(entry("\"\\ud83d\"").getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining("surrogate");
  }

  @Test
  void sizes_beyondTheirBounds_areRefused() {
    String entries = "{\"key\":\"k\",\"value\":\"v\"},".repeat(33);
    String many =
        "{\"domain\":\"d\",\"descriptors\":[{\"entries\":["
            + entries.substring(0, entries.length() - 1)
            + "]}]}";
    assertThat(refusal(many.getBytes(StandardCharsets.UTF_8))).hasMessageContaining("more than 32");
    String descriptors = "{\"entries\":[]},".repeat(101);
    String wide =
        "{\"domain\":\"d\",\"descriptors\":["
            + descriptors.substring(0, descriptors.length() - 1)
            + "]}";
    assertThat(refusal(wide.getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining("more than 100");
    assertThat(refusal(entry("\"" + "v".repeat(4_096) + "\"").getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining("4098 characters");
  }

  @Test
  void batch_tooManyOrNone_isRefused() {
    byte[] none = "{\"checks\":[]}".getBytes(StandardCharsets.UTF_8);
    assertThat(catchThrowableOfType(BadRequest.class, () -> reader.checks(none, 0, none.length)))
        .hasMessageContaining("1..1000 checks");
    String one = entry("\"v\"") + ",";
    String all = one.repeat(1_001);
    byte[] many =
        ("{\"checks\":[" + all.substring(0, all.length() - 1) + "]}")
            .getBytes(StandardCharsets.UTF_8);
    assertThat(catchThrowableOfType(BadRequest.class, () -> reader.checks(many, 0, many.length)))
        .hasMessageContaining("more than 1000");
  }

  @Test
  void anyCutOrFlippedByte_isReadOrRefused_neverWorse() {
    byte[] good = entry("\"gr\u00fc\\u00df \\n\"").getBytes(StandardCharsets.UTF_8);
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 50_000; i++) {
      byte[] bytes = java.util.Arrays.copyOf(good, random.nextInt(good.length + 1));
      for (int flips = random.nextInt(3); flips > 0 && bytes.length > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        List<Descriptor> read =
            reader.check(bytes, 0, bytes.length, CheckReader.CHECK).descriptors();
        assertThat(read).isNotEmpty();
      } catch (BadRequest refused) {
        assertThat(refused.problem().status()).as("seed %d", seed).isEqualTo(400);
      }
    }
  }
}
