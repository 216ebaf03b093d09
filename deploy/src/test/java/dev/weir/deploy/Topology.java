// SPDX-License-Identifier: Apache-2.0
package dev.weir.deploy;

import static org.awaitility.Awaitility.await;

import dev.weir.redis.fixtures.Ports;
import dev.weir.redis.fixtures.RedisProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a compose file describes, as processes of this machine: Weir from the image's content,
 * Redis, nginx and HAProxy with the files that are mounted. Names of services become {@code
 * 127.0.0.1}, each port a free one, places in containers those of this machine; all else is as
 * written.
 */
final class Topology implements AutoCloseable {
  private static final Duration LONGEST = Duration.ofSeconds(120);
  private static final Set<String> PROXIES = Set.of("nginx", "haproxy");

  private final ComposeFile file;
  private final Path folder = Machine.readableFolder();
  private final Map<String, Map<Integer, Integer>> ports = new HashMap<>();
  private final Map<String, Process> processes = new LinkedHashMap<>();
  private final Map<String, Map<String, String>> environments = new HashMap<>();
  private final RedisProcess redis;

  private Topology(ComposeFile file) {
    this.file = file;
    makeSecrets();
    this.redis = startRedis();
    ports.put("redis", Map.of(6_379, redis.port()));
    for (String service : file.services().keySet()) {
      if (!service.equals("redis")) {
        List<Integer> inside = file.ports(service);
        int[] free = Ports.free(inside.size());
        Map<Integer, Integer> mapped = new LinkedHashMap<>();
        for (int i = 0; i < free.length; i++) {
          mapped.put(inside.get(i), free[i]);
        }
        ports.put(service, mapped);
      }
    }
    rewrite(folder.resolve("secrets/redis-url"), "redis");
  }

  /** Starts everything but Prometheus and Grafana, and returns when all is healthy. */
  static Topology start(String name, Map<String, String> environment) {
    Topology topology = new Topology(ComposeFile.read(name + ".yaml", environment));
    try {
      Set<String> services = topology.file.services().keySet();
      services.stream().filter(each -> each.startsWith("weir")).forEach(topology::startWeir);
      topology.environments.keySet().forEach(topology::awaitHealthy);
      services.stream().filter(PROXIES::contains).forEach(topology::startProxy);
      return topology;
    } catch (RuntimeException | Error e) {
      topology.close();
      throw e;
    }
  }

  /** The port of this machine behind which a service's is. */
  int port(String service, int inside) {
    return ports.get(service).get(inside);
  }

  RedisProcess redis() {
    return redis;
  }

  /** What stands in one of the secrets' files. */
  String secret(String name) {
    return text(folder.resolve("secrets").resolve(name)).strip();
  }

  /** Ends a container with no chance to say goodbye. */
  void kill(String service) {
    join(processes.get(service).destroyForcibly());
  }

  /** Whether the service's own health check finds it healthy. */
  boolean healthy(String service) {
    return Machine.run(
                environments.get(service),
                List.of(Image.folder().resolve("bin/healthy").toString()))
            .status()
        == 0;
  }

  String log(String service) {
    return text(folder.resolve(service + ".log"));
  }

  private void makeSecrets() {
    Machine.Outcome made =
        Machine.run("deploy/compose/make-secrets", folder.resolve("secrets").toString());
    if (made.status() != 0) {
      throw new IllegalStateException(made.output());
    }
    try {
      // Here the user of a container comes in by the folder; a mount would hand over the file
      // alone.
      Files.setPosixFilePermissions(
          folder.resolve("secrets"),
          java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RedisProcess startRedis() {
    Path mounted = file.mounts("redis").get("/etc/redis/redis.conf");
    String settings =
        text(mounted)
            .replace("/run/secrets/", folder.resolve("secrets") + "/")
            // The place in the container is what the process here has its own of.
            .replaceAll("(?m)^(bind|port|dir) .*$", "");
    Path configuration = write("redis.conf", settings);
    return RedisProcess.builder()
        .password(secret("redis-password"))
        .config("include", configuration.toString())
        .start();
  }

  private void startWeir(String service) {
    Map<String, String> environment = new HashMap<>();
    file.environment(service)
        .forEach((name, value) -> environment.put(name, mapped(service, name, value)));
    // On a busy machine no check of a test shall be judged without Redis.
    environment.put("WEIR_REDIS_TIMEOUT", "5s");
    environment.put("REDIS_TIMEOUT", "5");
    environments.put(service, environment);
    Path log = folder.resolve(service + ".log");
    processes.put(service, Image.start(environment, Dockerfile.words("CMD"), log));
  }

  private void awaitHealthy(String service) {
    Process process = processes.get(service);
    await()
        .atMost(LONGEST)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> !process.isAlive() || healthy(service));
    ensureAlive(service);
  }

  private String mapped(String service, String name, String value) {
    if (value.equals("0.0.0.0") || ports.containsKey(value)) {
      return "127.0.0.1";
    }
    if (name.endsWith("PORT") && value.matches("\\d+")) {
      int inside = Integer.parseInt(value);
      Map<Integer, Integer> own =
          name.startsWith("REDIS") ? ports.get("redis") : ports.get(service);
      return own.get(inside).toString();
    }
    return placed(service, value);
  }

  /** Places in a container and addresses of services become those of this machine. */
  private String placed(String service, String text) {
    String result = text;
    for (Map.Entry<String, Path> mount : file.mounts(service).entrySet()) {
      Path here =
          mount.getKey().startsWith("/run/secrets/")
              ? folder.resolve("secrets").resolve(mount.getValue().getFileName())
              : mount.getValue();
      result = result.replace(mount.getKey(), here.toString());
    }
    for (Map.Entry<String, Map<Integer, Integer>> other : ports.entrySet()) {
      for (Map.Entry<Integer, Integer> port : other.getValue().entrySet()) {
        result =
            result.replaceAll(
                "(?<![\\w.-])" + Pattern.quote(other.getKey()) + ":" + port.getKey() + "(?!\\d)",
                "127.0.0.1:" + port.getValue());
      }
    }
    return result;
  }

  private void rewrite(Path path, String service) {
    try {
      Files.writeString(path, placed(service, text(path)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void startProxy(String service) {
    Path mounted =
        file.mounts(service).entrySet().stream()
            .filter(mount -> mount.getKey().matches(".*\\.(conf|cfg)"))
            .findFirst()
            .orElseThrow()
            .getValue();
    String settings = placed(service, text(mounted)).replace("/tmp/", folder + "/tmp-");
    for (Map.Entry<Integer, Integer> port : ports.get(service).entrySet()) {
      settings =
          settings
              .replace("listen " + port.getKey(), "listen 127.0.0.1:" + port.getValue())
              .replace("bind :" + port.getKey(), "bind 127.0.0.1:" + port.getValue());
    }
    Path configuration = write(mounted.getFileName().toString(), settings);
    List<String> command = new ArrayList<>(file.list(service, "command"));
    command.set(0, program(command.getFirst()));
    command.set(command.size() - 1, configuration.toString());
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve(service + ".log").toFile())
              .start();
      processes.put(service, process);
      int port = ports.get(service).values().iterator().next();
      await().atMost(LONGEST).until(() -> !process.isAlive() || accepts(port));
      ensureAlive(service);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String program(String name) {
    return Stream.concat(Arrays.stream(System.getenv("PATH").split(":")), Stream.of("/usr/sbin"))
        .map(path -> Path.of(path, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow()
        .toString();
  }

  private void ensureAlive(String service) {
    if (!processes.get(service).isAlive()) {
      List<String> lines = log(service).lines().toList();
      throw new IllegalStateException(
          service + " ended: " + (lines.isEmpty() ? "" : lines.getLast()) + "\n" + log(service));
    }
  }

  private static boolean accepts(int port) {
    try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private Path write(String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean endsSoon(Process process) {
    try {
      return process.waitFor(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static void join(Process process) {
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Ends all processes; proxies first, what they share last. */
  @Override
  public void close() {
    for (Process process : List.copyOf(processes.values()).reversed()) {
      // A proxy that is asked to end ends its workers; one whose worker is killed starts another.
      List<ProcessHandle> workers = process.descendants().toList();
      process.destroy();
      if (!endsSoon(process)) {
        join(process.destroyForcibly());
      }
      workers.forEach(ProcessHandle::destroyForcibly);
    }
    redis.close();
  }
}
