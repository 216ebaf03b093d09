// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import dev.weir.redis.fixtures.RequiresProgram;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;

@RequiresProgram("nginx")
@DisplayName("nginx asks before it forwards")
final class NginxAuthTest extends AskingProxyContract {

  @Override
  String name() {
    return "nginx";
  }

  @Override
  String file() {
    return "nginx.conf";
  }

  @Override
  List<String> command(Path folder) {
    return List.of("nginx", "-p", folder.toString(), "-c", "nginx.conf", "-g", "daemon off;");
  }

  @Override
  String patient(String text) {
    // Only root may use the folders that nginx was built with.
    String here =
        "http { client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;"
            + " uwsgi_temp_path uwsgi; scgi_temp_path scgi;";
    return replaced(replaced(text, "http {", here), "read_timeout 1s", "read_timeout 20s");
  }

  @Override
  String otherwise(String text) {
    return replaced(text, "error_page 502 504 = @open;", "");
  }

  @Override
  boolean open() {
    return true;
  }
}
