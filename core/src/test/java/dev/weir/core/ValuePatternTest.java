// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuePatternTest {

  @ParameterizedTest
  @CsvSource({
    "/, /, true",
    "/, /a, false",
    "/users/{id}, /users/42, true",
    "/users/{id}, /users/42/, true",
    "/users/{id}, /users/, false",
    "/users/{id}, /users//, false",
    "/users/{id}, /users, false",
    "/users/{id}, /users/42/orders, false",
    "/users/{id}, users/42, false",
    "/users/{id}, '', false",
    "/users/*/orders/{o}, /users/1/orders/2, true",
    "/users/*/orders/{o}, /users/1/order/2, false",
    "/files/**, /files, true",
    "/files/**, /files/, true",
    "/files/**, /files/a//b/, true",
    "/files/**, /filesystem, false",
    "/**, /, true",
    "/{all...}, /a/b, true",
    "/a/, /a, true",
  })
  void pathTemplate_path_matchesOrNot(String template, String path, boolean matches) {
    assertThat(PathMatcher.parse(template).matches(path)).isEqualTo(matches);
  }

  @Test
  void pathTemplate_variables_haveTheirValues() {
    PathMatcher path = PathMatcher.parse("/a/{id}/{rest...}");

    assertThat(path.variables()).containsExactly("id", "rest");
    assertThat(path.value("/a/42/b/c/", path.position("id"))).isEqualTo("42");
    assertThat(path.value("/a/42/b/c/", path.position("rest"))).isEqualTo("b/c");
    assertThat(path.value("/a/42", path.position("id"))).isEqualTo("42");
    assertThat(path.value("/a/42", path.position("rest"))).isEmpty();
    assertThat(path.value("/a/42/", path.position("rest"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "users/{id}; a path that starts with /",
        "''; a path that starts with /",
        "/a//b; no empty segment",
        "//; no empty segment",
        "/**/b; nothing after a tail",
        "/{a...}/b; nothing after a tail",
        "/{a}/{a}; each variable once",
        "/x{a}; a variable or * to be a whole segment",
        "/a*; a variable or * to be a whole segment",
        "/{}; variables of letters, digits, '_' and '-', such as {id} or {rest...}",
        "/{a b}; variables of letters, digits, '_' and '-', such as {id} or {rest...}",
      })
  void pathTemplate_malformed_refused(String template, String expectation) {
    assertThatThrownBy(() -> ValuePattern.path(template))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("path template: \"" + template + "\" (expected: " + expectation + ")");
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.0.1, true",
    "10.0.0.0/8, 11.0.0.1, false",
    "10.0.0.0/8, ::ffff:10.1.1.1, true",
    "10.0.0.0/8, ::ffff:a01:101, true",
    "::ffff:10.0.0.0/104, 10.1.1.1, true",
    "0.0.0.0/0, 1.2.3.4, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "::/0, 1.2.3.4, false",
    "::/0, 2001:db8::1, true",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
    "2001:db8::/65, 2001:db8::7fff:0:0:1, true",
    "2001:db8::/65, 2001:db8::8000:0:0:1, false",
    "fe80::/10, fe80::1%eth0, true",
    "192.168.1.1, 192.168.1.1, true",
    "192.168.1.1, 192.168.1.2, false",
    "::1, ::1, true",
    "10.0.0.0/8, 010.0.0.1, false",
    "10.0.0.0/8, 10.0.0.1.example, false",
    "10.0.0.0/8, '', false",
  })
  void cidr_value_matchesOrNot(String network, String value, boolean matches) {
    assertThat(Network.of(network).contains(value)).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost/8", "10.0.0/8", "10.0.0.0.0/8", "256.0.0.0/8", "::1::/64", "1:2:3:4:5:6:7/64",
        "1:2:3:4:5:6:7:8:9/64", "12345::/64", "fe80::%eth0/64", ":1/64", "1:/64", "::1.2.3/128",
        "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:6:7:8::", "/8", ""
      })
  void cidr_noAddress_refused(String network) {
    assertThatThrownBy(() -> ValuePattern.cidr(network))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "network: \""
                + network
                + "\" (expected: an address and a length, such as 10.0.0.0/8 or 2001:db8::/32)");
  }

  @Test
  void cidr_badLengthOrBitsBeyondIt_refused() {
    assertThatThrownBy(() -> ValuePattern.cidr("10.0.0.0/33"))
        .hasMessage("network: \"10.0.0.0/33\" (expected: a length of 0..32)");
    assertThatThrownBy(() -> ValuePattern.cidr("10.0.0.0/"))
        .hasMessage("network: \"10.0.0.0/\" (expected: a length of 0..32)");
    assertThatThrownBy(() -> ValuePattern.cidr("::ffff:10.0.0.0/8"))
        .hasMessage("network: \"::ffff:10.0.0.0/8\" (expected: a length of 96..128)");
    assertThatThrownBy(() -> ValuePattern.cidr("10.1.0.0/8"))
        .hasMessage("network: \"10.1.0.0/8\" (expected: no bits beyond the length: 10.0.0.0/8)");
  }

  @Test
  void cidr_text_isCanonical() {
    assertThat(ValuePattern.cidr("2001:0DB8:0:0::/32"))
        .isEqualTo(new ValuePattern.Cidr("2001:db8::/32"));
    assertThat(ValuePattern.cidr("::ffff:1.2.3.4")).isEqualTo(new ValuePattern.Cidr("1.2.3.4/32"));
  }

  @Test
  void address_randomTexts_readAsTheJdkReadsThem() throws UnknownHostException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<String> pieces = List.of("0", "1", "ff", "ffff", "abcd", "12", ":", ":", "::", "255", ".");
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes = new byte[16];
      random.nextBytes(bytes);
      for (int j = 0; j < 16; j++) {
        bytes[j] = random.nextInt(3) == 0 ? bytes[j] : 0;
      }
      InetAddress jdk = InetAddress.getByAddress(bytes);
      Address address = Address.parse(jdk.getHostAddress());
      assertThat(address).as("seed %d: %s", seed, jdk).isNotNull();
      assertThat(Address.parse(address.toString())).as("seed %d", seed).isEqualTo(address);
      assertThat(InetAddress.getByName(address.toString())).as("seed %d", seed).isEqualTo(jdk);
    }
    for (int i = 0; i < 200_000; i++) {
      StringBuilder text = new StringBuilder("::".repeat(random.nextInt(2)));
      for (int j = random.nextInt(16); j >= 0; j--) {
        text.append(pieces.get(random.nextInt(pieces.size())));
      }
      // The JDK also reads groups of five digits and octets with leading zeros.
      if (text.indexOf(":") >= 0
          && !text.toString().matches(".*([0-9a-f]{5}|[:.]0[0-9]+[.]|[.]0[0-9]).*")) {
        boolean jdkReads = jdkReads(text.toString());
        assertThat(Address.parse(text.toString()) != null)
            .as("seed %d: %s", seed, text)
            .isEqualTo(jdkReads);
      }
    }
  }

  /** A text with a colon is never looked up by name. */
  private static boolean jdkReads(String text) {
    try {
      return InetAddress.getByName(text) != null;
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
