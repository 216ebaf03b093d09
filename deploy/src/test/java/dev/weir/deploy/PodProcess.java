// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import static dev.weir.deploy.Manifests.at;
import static dev.weir.deploy.Manifests.list;
import static org.awaitility.Awaitility.await;

import dev.weir.redis.fixtures.Loopback;
import dev.weir.redis.fixtures.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The first container of a pod as a process: its arguments and environment, and what its volumes
 * hold in a folder of this machine. Ports that a configuration names become free ones on loopback.
 */
final class PodProcess implements AutoCloseable {
  private static final Pattern PORT = Pattern.compile("(?m)^( *)port: (\\d+)$");

  private final Path folder = Machine.readableFolder();
  private final Map<Integer, Integer> ports = new LinkedHashMap<>();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Process process;

  /**
   * @param volumes the files of each volume: their names and their texts
   * @param environment further variables
   */
  PodProcess(
      Object pod, Map<String, Map<String, String>> volumes, Map<String, String> environment) {
    Object container = at(pod, "containers", 0);
    Map<String, String> variables = new HashMap<>();
    for (Map<String, Object> variable : list(at(container, "env"))) {
      variables.put(variable.get("name").toString(), variable.get("value").toString());
    }
    for (Map<String, Object> mount : list(at(container, "volumeMounts"))) {
      String name = mount.get("name").toString();
      Path here = folder.resolve(name);
      volumes.get(name).forEach((file, text) -> write(here.resolve(file), local(text)));
      variables.replaceAll(
          (key, value) -> value.replace(mount.get("mountPath").toString() + "/", here + "/"));
    }
    variables.putAll(environment);
    List<String> arguments =
        ((List<?>) at(container, "args")).stream().map(Object::toString).toList();
    process = Image.start(variables, arguments, folder.resolve("server.log"));
  }

  private String local(String text) {
    return PORT.matcher(text)
        .replaceAll(
            found -> {
              int free =
                  ports.computeIfAbsent(Integer.valueOf(found.group(2)), port -> Ports.free());
              String before = text.substring(0, found.start());
              String listener = before.substring(before.lastIndexOf("- "));
              String host = listener.contains("host: ") ? "" : found.group(1) + "host: 127.0.0.1\n";
              return Matcher.quoteReplacement(host + found.group(1) + "port: " + free);
            });
  }

  /** The port of this machine in the place of a container's. */
  int port(int inside) {
    return ports.get(inside);
  }

  Process process() {
    return process;
  }

  Path folder() {
    return folder;
  }

  /** Returns when the probe's path is answered 200. */
  void awaitReady(int port, String path) {
    await()
        .atMost(Duration.ofSeconds(120))
        .ignoreExceptionsInstanceOf(UncheckedIOException.class)
        .until(() -> !process.isAlive() || get(port, path).statusCode() == 200);
    if (!process.isAlive()) {
      throw new IllegalStateException(log());
    }
  }

  HttpResponse<String> get(int port, String target, String... headers) {
    return send("GET", port, target, headers);
  }

  HttpResponse<String> send(String method, int port, String target, String... headers) {
    return Loopback.send(client, Loopback.request(port, method, target, "", headers));
  }

  String log() {
    try {
      return Files.readString(folder.resolve("server.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void write(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      process.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
