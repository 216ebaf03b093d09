// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalPathTest {

  @ParameterizedTest
  @CsvSource({
    "/, /",
    "/a/b, /a/b",
    "/a/b/, /a/b/",
    "/%61/b, /a/b",
    "/a%2fb, /a%2Fb",
    "/a%2Fb, /a%2Fb",
    "/%25zz, /%25zz",
    "/%7Euser, /~user",
    "/a/./b, /a/b",
    "/a/../b, /b",
    "/a/..%2f, /a/..%2F",
    "/a/%2e%2E/b, /b",
    "/../../b, /b",
    "/a/.., /",
    "/a/b/.., /a/",
    "/a/., /a/",
    "//a///b, /a/b",
    "/.well-known/x, /.well-known/x",
    "/..a/b, /..a/b",
    "*, *",
  })
  void spelling_isTheOneWay(String path, String canonical) {
    assertThat(CanonicalPath.of(path)).isEqualTo(canonical);
    assertThat(CanonicalPath.of(canonical)).isEqualTo(canonical);
  }
}
