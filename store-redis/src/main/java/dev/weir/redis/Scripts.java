// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** The scripts, and the names under which a server that has loaded them knows them. */
final class Scripts {

  static final byte[] TAKE = read("take");

  static final byte[] APPLY =
      read(
          "apply",
          "token_bucket",
          "window",
          "sliding_window",
          "sliding_log",
          "concurrency",
          "step",
          "check");

  static final byte[] HEARTBEAT = read("heartbeat");

  /** The scripts that are called by name. */
  static final List<byte[]> ALL = List.of(TAKE, APPLY);

  static final byte[] TAKE_SHA = sha(TAKE);
  static final byte[] APPLY_SHA = sha(APPLY);

  private Scripts() {}

  private static byte[] read(String... names) {
    StringBuilder script = new StringBuilder();
    for (String name : names) {
      try (InputStream file = Scripts.class.getResourceAsStream(name + ".lua")) {
        if (file == null) {
          throw new IllegalStateException("script: " + name + " is missing");
        }
        script.append(new String(file.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return script.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] sha(byte[] script) {
    try {
      // Redis names a script by its SHA-1.
      byte[] digest = MessageDigest.getInstance("SHA-1").digest(script);
      return HexFormat.of().formatHex(digest).getBytes(StandardCharsets.US_ASCII);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
