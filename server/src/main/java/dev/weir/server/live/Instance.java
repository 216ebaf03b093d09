// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.live;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Which instance of the program this is.
 *
 * @param id tells it from all others, and from itself before its last start
 * @param name gives what people call it
 * @param version of the program
 * @param startedMillis when it started; milliseconds since 1970-01-01T00:00:00Z
 */
public record Instance(String id, Supplier<String> name, String version, long startedMillis) {

  private static final int MAX_NAME = 64;
  private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

  /** A number that nobody else has. */
  public static String newId() {
    byte[] random = new byte[8];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  /** The name of the machine or of the container, as far as it is told. */
  public static String host(Map<String, String> environment) {
    String told = environment.getOrDefault("HOSTNAME", "");
    if (told.isEmpty()) {
      try {
        told = Files.readString(HOST_NAME).strip();
      } catch (IOException notThere) {
        told = "";
      }
    }
    String plain = told.replaceAll("[^A-Za-z0-9._-]", "");
    return plain.isEmpty() ? "weir" : plain.substring(0, Math.min(MAX_NAME, plain.length()));
  }

  /** As it is shown. */
  JsonObject shown(boolean draining) {
    return new JsonObject()
        .put("id", id)
        .put("name", name.get())
        .put("version", version)
        .put("startedAt", moment(startedMillis))
        .put("draining", draining);
  }

  /** A moment in RFC 3339. */
  static String moment(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }
}
