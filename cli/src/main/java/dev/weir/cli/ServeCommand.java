// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static java.util.Objects.requireNonNull;

import dev.weir.policy.InvalidFileException;
import dev.weir.records.RecordStoreException;
import dev.weir.server.Configuration;
import dev.weir.server.Listener;
import dev.weir.server.RedisUrl;
import dev.weir.server.ServeOptions;
import dev.weir.server.WeirServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code weir serve}: runs the server until it is told to stop. */
@Command(
    name = "serve",
    header = "Start the server.",
    description = {
      "%nServes decisions over HTTP, and is a gateway in front of HTTP services.%n",
      "Without a configuration it serves something to try at once: GET /hello is limited to 10",
      "requests in 10 seconds per client, and POST /v1/check decides for anybody who asks.%n",
      "What the command line does not say is taken from the environment variable in brackets, then",
      "from the configuration. SIGTERM and SIGINT end it when the requests in flight are answered.%n"
    },
    footer = {
      "",
      "Examples:",
      "  weir serve",
      "  weir serve --port 9000 --host 127.0.0.1",
      "  weir serve --config weir.yaml",
      "  weir serve --redis redis://localhost:6379",
      "  weir serve --envoy-config ratelimit/config",
      "  weir serve --data-dir /var/lib/weir --admin-port 9091",
      "",
      "Exit status: 0 stopped on request, 2 wrong command line, 3 wrong configuration, 4 cannot",
      "listen."
    })
final class ServeCommand implements Callable<Integer> {

  /** How long a signal waits for a start that is under way; one takes half a second. */
  private static final int START_SECONDS = 10;

  private static final Set<String> OPTIONS =
      Set.of(
          "--config",
          "--host",
          "--port",
          "--event-loops",
          "--redis",
          "--admin-port",
          "--grpc-port",
          "--data-dir",
          "--resp-port",
          "--envoy-config");

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration, YAML or JSON. [WEIR_CONFIG]")
  private @Nullable String config;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "The address of the first listener. [WEIR_HOST]")
  private @Nullable String host;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "The port of the first listener; 0 for a free one. [WEIR_PORT]")
  private @Nullable String port;

  @Option(
      names = "--event-loops",
      paramLabel = "N",
      description = "Threads that serve; otherwise one per processor. [WEIR_EVENT_LOOPS]")
  private @Nullable String eventLoops;

  @Option(
      names = "--redis",
      paramLabel = "URL",
      description =
          "The Redis that all nodes share, redis://[user:password@]host[:port][/database]; "
              + "otherwise what the configuration says, or the memory of the process. [WEIR_REDIS_URL]")
  private @Nullable String redis;

  @Option(
      names = "--admin-port",
      paramLabel = "PORT",
      description =
          "The port of the administration, on 127.0.0.1 unless the configuration says otherwise; 0 for "
              + "a free one. Without a configuration 9090. [WEIR_ADMIN_PORT]")
  private @Nullable String adminPort;

  @Option(
      names = "--resp-port",
      paramLabel = "PORT",
      description =
          "A port that speaks the Redis protocol, with the address, tokens and certificates of the first "
              + "listener; 0 for a free one. Otherwise what the configuration says, or none. "
              + "[WEIR_RESP_PORT]")
  private @Nullable String respPort;

  @Option(
      names = "--grpc-port",
      paramLabel = "PORT",
      description =
          "A port that Envoy's rate limit service over gRPC has to itself, besides the listeners that "
              + "serve it with others; 0 for a free one. [WEIR_GRPC_PORT]")
  private @Nullable String grpcPort;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "A folder of this instance alone, which keeps users, API keys, bans, load states and put "
              + "policies; otherwise the Redis of the limits, or the memory of the process. [WEIR_DATA_DIR]")
  private @Nullable String dataDir;

  @Option(
      names = "--envoy-config",
      paramLabel = "DIR",
      description =
          "Serve in the place of Envoy's reference rate limit service: by the *.yaml of this folder, on "
              + "its ports (HTTP 8080, gRPC 8081, debug 6070) and by its environment. [WEIR_ENVOY_CONFIG]")
  private @Nullable String envoyConfig;

  private final Shell shell;

  ServeCommand(Shell shell) {
    this.shell = shell;
  }

  /*
   * A server is started more often than anything else, by machines that wait for it, and nearly
   * always by such a plain line. Picocli takes a fifth of the whole start to read it: its classes
   * are of a format that the class archive does not take. What is not plain is left to picocli.
   */

  /**
   * Runs {@code serve} if the line is that and options with their values, each once.
   *
   * @return the exit status; empty if the line is another
   */
  static OptionalInt runPlain(Shell shell, String[] args) {
    if (args.length == 0 || !args[0].equals("serve")) {
      return OptionalInt.empty();
    }
    Map<String, String> given = new HashMap<>();
    for (int i = 1; i < args.length; i += 2) {
      boolean plain =
          i + 1 < args.length
              && OPTIONS.contains(args[i])
              && !args[i + 1].startsWith("-")
              && given.put(args[i], args[i + 1]) == null;
      if (!plain) {
        return OptionalInt.empty();
      }
    }
    ServeCommand command = new ServeCommand(shell);
    command.config = given.get("--config");
    command.host = given.get("--host");
    command.port = given.get("--port");
    command.eventLoops = given.get("--event-loops");
    command.redis = given.get("--redis");
    command.adminPort = given.get("--admin-port");
    command.grpcPort = given.get("--grpc-port");
    command.dataDir = given.get("--data-dir");
    command.respPort = given.get("--resp-port");
    command.envoyConfig = given.get("--envoy-config");
    try {
      return OptionalInt.of(command.call());
    } catch (InterruptedException | RuntimeException e) {
      return OptionalInt.of(Failure.tell(e, "weir serve", false, shell.err()));
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    Configuration configuration = configuration();
    CompletableFuture<WeirServer> started = new CompletableFuture<>();
    // Before the start, so that a signal at any time is a request to stop.
    Thread onSignal = new Thread(() -> stop(started), "weir-stop");
    Runtime.getRuntime().addShutdownHook(onSignal);
    try {
      started.complete(start(configuration));
    } catch (Failure e) {
      started.completeExceptionally(e);
      Interruption.forget(onSignal);
      throw e;
    }
    // Only a signal ends the wait, and with it the program.
    new CountDownLatch(1).await();
    return ExitCode.OK;
  }

  /*
   * A start that is under way is let end: the JVM writes its class archive when it halts, and one
   * that another thread still loads classes into makes it crash (JDK 25.0.3).
   */
  private static void stop(CompletableFuture<WeirServer> started) {
    try {
      started.get(START_SECONDS, TimeUnit.SECONDS).close();
    } catch (ExecutionException | TimeoutException | InterruptedException e) {
      // Nothing has started that could be closed.
    } finally {
      // To have been asked to stop is no failure, which 128 + the signal would say.
      Runtime.getRuntime().halt(ExitCode.OK);
    }
  }

  private Configuration configuration() {
    Optional<Path> file =
        setting(config, "WEIR_CONFIG").map(setting -> PolicySource.path(setting.value));
    ServeOptions options =
        new ServeOptions(
            file,
            setting(host, "WEIR_HOST").map(Setting::value),
            number(port, "--port", "WEIR_PORT", 0, 65_535),
            number(eventLoops, "--event-loops", "WEIR_EVENT_LOOPS", 1, 1_024),
            redis(),
            number(adminPort, "--admin-port", "WEIR_ADMIN_PORT", 0, 65_535),
            number(grpcPort, "--grpc-port", "WEIR_GRPC_PORT", 0, 65_535),
            setting(dataDir, "WEIR_DATA_DIR").map(setting -> PolicySource.path(setting.value)),
            number(respPort, "--resp-port", "WEIR_RESP_PORT", 0, 65_535),
            setting(envoyConfig, "WEIR_ENVOY_CONFIG")
                .map(setting -> PolicySource.path(setting.value)));
    try {
      return Configuration.of(options, shell.environment());
    } catch (InvalidFileException e) {
      throw Failure.configuration(String.valueOf(e.getMessage()), e);
    } catch (IllegalArgumentException e) {
      throw Failure.usage(String.valueOf(e.getMessage()));
    } catch (UncheckedIOException e) {
      throw Failure.unreadable(
          file.map(Path::toString).orElse("configuration"), requireNonNull(e.getCause(), "cause"));
    }
  }

  private Optional<String> redis() {
    Optional<Setting> setting = setting(redis, "WEIR_REDIS_URL");
    try {
      return setting.map(given -> RedisUrl.checked(given.value));
    } catch (IllegalArgumentException e) {
      String name = setting.get().name;
      throw Failure.usage((name.isEmpty() ? "--redis" : name) + ": " + e.getMessage());
    }
  }

  private WeirServer start(Configuration configuration) {
    try {
      return WeirServer.start(configuration);
    } catch (RecordStoreException e) {
      throw Failure.configuration(String.valueOf(e.getMessage()), e);
    } catch (IllegalStateException e) {
      throw Failure.network(whyNotListening(configuration, e), e);
    }
  }

  private static String whyNotListening(Configuration configuration, Throwable error) {
    for (Listener listener : configuration.listeners()) {
      Optional<String> why = refusal(listener);
      if (why.isPresent()) {
        return "cannot listen on " + listener.host() + ":" + listener.port() + ": " + why.get();
      }
    }
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return "cannot listen: " + cause.getMessage();
  }

  /** Why an address cannot be bound, found by binding it. */
  private static Optional<String> refusal(Listener listener) {
    try (ServerSocket socket =
        new ServerSocket(listener.port(), 1, InetAddress.getByName(listener.host()))) {
      return socket.isBound() ? Optional.empty() : Optional.of("not bound");
    } catch (BindException e) {
      String message = String.valueOf(e.getMessage());
      return Optional.of(
          message.contains("in use") ? "the port is in use (--port chooses another)" : message);
    } catch (UnknownHostException e) {
      return Optional.of("unknown host");
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** A value with the name under which it was given. */
  private record Setting(String name, String value) {}

  private Optional<Setting> setting(@Nullable String option, String variable) {
    if (option != null) {
      return Optional.of(new Setting("", option));
    }
    String value = shell.environment().get(variable);
    return value == null || value.isEmpty()
        ? Optional.empty()
        : Optional.of(new Setting(variable, value));
  }

  private OptionalInt number(
      @Nullable String option, String name, String variable, int least, int most) {
    Optional<Setting> setting = setting(option, variable);
    if (setting.isEmpty()) {
      return OptionalInt.empty();
    }
    String text = setting.get().value;
    try {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return OptionalInt.of(value);
      }
    } catch (NumberFormatException e) {
      throw outOfRange(setting.get(), name, least, most);
    }
    throw outOfRange(setting.get(), name, least, most);
  }

  private static Failure outOfRange(Setting setting, String name, int least, int most) {
    String source = setting.name.isEmpty() ? name : setting.name;
    return Failure.usage(
        source + ": " + setting.value + " (expected: " + least + ".." + most + ")");
  }
}
