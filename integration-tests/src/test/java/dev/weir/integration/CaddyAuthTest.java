// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import dev.weir.redis.fixtures.RequiresProgram;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;

@RequiresProgram("caddy")
@DisplayName("Caddy asks before it forwards")
final class CaddyAuthTest extends AskingProxyContract {

  @Override
  String name() {
    return "caddy";
  }

  @Override
  String file() {
    return "Caddyfile";
  }

  @Override
  List<String> command(Path folder) {
    return List.of("caddy", "run", "--config", "Caddyfile");
  }

  @Override
  String patient(String text) {
    return replaced(text, "response_header_timeout 1s", "response_header_timeout 20s");
  }

  @Override
  String otherwise(String text) {
    return replaced(text, "127.0.0.1:8080 127.0.0.1:8001", "127.0.0.1:8080");
  }

  @Override
  boolean open() {
    return true;
  }
}
