// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the image holds under {@code /opt/weir}, assembled by the script that the Dockerfile runs,
 * and processes as a container would run them: the image's environment and nothing of this JVM's, a
 * user who owns nothing, a root that cannot be written.
 */
final class Image {
  private static final String USER = "10001";
  private static final Path FOLDER = assemble();

  private Image() {}

  static Path folder() {
    return FOLDER;
  }

  private static Path assemble() {
    Path target = Machine.readableFolder().resolve("opt/weir");
    Machine.Outcome outcome =
        Machine.run(
            Map.of("WEIR_JAVA_HOME", System.getProperty("java.home")),
            List.of(
                Machine.ROOT.resolve("deploy/image/assemble").toString(),
                Path.of(System.getProperty("weir.home")).toAbsolutePath().toString(),
                target.toString()));
    if (outcome.status() != 0) {
      throw new IllegalStateException(outcome.output());
    }
    return target;
  }

  /** The environment that the Dockerfile gives its processes, with the image's place here. */
  static Map<String, String> environment() {
    Map<String, String> environment = new LinkedHashMap<>();
    Dockerfile.instructions("ENV").stream()
        .flatMap(line -> java.util.Arrays.stream(line.split(" ")))
        .forEach(
            pair -> {
              int equals = pair.indexOf('=');
              environment.put(
                  pair.substring(0, equals),
                  pair.substring(equals + 1).replace("/opt/weir", FOLDER.toString()));
            });
    return environment;
  }

  /**
   * Starts the image's entry point, as its user if this one may become it.
   *
   * @param log where standard output and standard error go
   */
  static Process start(Map<String, String> environment, List<String> arguments, Path log) {
    List<String> command = new ArrayList<>(asUser());
    command.addAll(Dockerfile.words("ENTRYPOINT"));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().putAll(environment());
    builder.environment().putAll(environment);
    // The name of the program is looked up on this JVM's path otherwise.
    builder.command().set(asUser().size(), FOLDER.resolve("bin/weir").toString());
    try {
      return builder
          .directory(Path.of("/").toFile())
          .redirectErrorStream(true)
          .redirectOutput(log.toFile())
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> asUser() {
    if (!System.getProperty("user.name").equals("root")
        || !Files.isExecutable(Path.of("/usr/bin/setpriv"))) {
      return List.of();
    }
    return List.of(
        "/usr/bin/setpriv",
        "--reuid=" + USER,
        "--regid=" + USER,
        "--clear-groups",
        "--no-new-privs",
        "--inh-caps=-all");
  }
}
