// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import dev.weir.redis.fixtures.RequiresProgram;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;

@RequiresProgram("haproxy")
@DisplayName("HAProxy asks before it forwards")
final class HaproxyAuthTest extends AskingProxyContract {

  @Override
  String name() {
    return "haproxy";
  }

  @Override
  String file() {
    return "haproxy.cfg";
  }

  @Override
  List<String> command(Path folder) {
    return List.of("haproxy", "-f", "haproxy.cfg");
  }

  @Override
  String patient(String text) {
    return replaced(text, "127.0.0.1:8080 1000", "127.0.0.1:8080 20000");
  }

  @Override
  String otherwise(String text) {
    return text.replaceAll("(?m)^.* -m str down }$", "");
  }

  @Override
  boolean open() {
    return false;
  }
}
