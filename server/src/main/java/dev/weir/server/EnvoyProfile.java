// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The configuration in which Weir stands in the place of Envoy's reference rate limit service. It
 * comes with the program, and is {@code examples/profiles/envoy.yaml}.
 */
final class EnvoyProfile {

  private static final String RESOURCE = "envoy.yaml";

  /** Names the folder of rules, where the profile is what is served. */
  private static final String FOLDER = "WEIR_ENVOY_CONFIG";

  private EnvoyProfile() {}

  /** The environment in which the profile reads a folder of rules. */
  static Map<String, String> variables(Path folder, Map<String, String> environment) {
    Map<String, String> variables = new HashMap<>(environment);
    String absolute = folder.toAbsolutePath().normalize().toString();
    variables.put(FOLDER, absolute);
    variables.put("RUNTIME_ROOT", absolute);
    variables.put("RUNTIME_SUBDIRECTORY", ".");
    variables.put("RUNTIME_APPDIRECTORY", ".");
    return variables;
  }

  /** Whether such an environment is one of {@link #variables}. */
  static boolean isRead(Map<String, String> environment) {
    return environment.containsKey(FOLDER);
  }

  /**
   * The profile in an environment.
   *
   * @throws dev.weir.policy.InvalidFileException if rules or variables cannot be used
   */
  static Configuration read(Map<String, String> variables, Optional<String> redis) {
    return ConfigurationReader.builtIn(Path.of(RESOURCE), text(), variables, redis);
  }

  static String text() {
    try (InputStream in = EnvoyProfile.class.getResourceAsStream(RESOURCE)) {
      return new String(requireNonNull(in, RESOURCE).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
