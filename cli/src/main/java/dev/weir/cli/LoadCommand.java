// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.core.Descriptor;
import dev.weir.policy.DurationWords;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code weir load}: sends requests and tells how they were answered. */
@Command(
    name = "load",
    header = "Send requests and measure the answers.",
    description = {
      "%nSends requests to an HTTP service and tells how many were allowed and denied, and how long",
      "the answers took.%n",
      "In a closed loop (the default) each connection sends its next request when the last is",
      "answered. With --rate requests fall due at their times whatever became of those before, and",
      "latency counts from then, so that a stalled server cannot hide it.%n",
      "Status 2xx counts as allowed, 429 and \"allowed\":false as denied, all else as errors. {key} in",
      "the URL, a header, the body or a check becomes a random number of --keys.%n"
    },
    footer = {
      "",
      "Examples:",
      "  weir load --url http://localhost:8080/hello --seconds 5",
      "  weir load --check api,user={key} --keys 100000 --zipf 0.99 --rate 5000",
      "  weir load --url http://localhost:8080/v1/hello --api-key demo --concurrency 32 --json",
      "",
      "Exit status: 0 done, 1 no request was answered, 2 wrong command line, 4 cannot connect,",
      "130 interrupted (the summary so far is printed)."
    })
final class LoadCommand implements Callable<Integer> {

  private static final String DEFAULT_BASE = "http://localhost:8080";
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
  private static final Pattern FIELD = Pattern.compile(TOKEN + ":[^\\r\\n\\x00]*");
  private static final int CONNECT_MILLIS = 5_000;
  private static final long NO_END_DAYS = 3_650;
  private static final int MAX_CONNECTIONS = 65_536;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "Where requests go. Default: http://localhost:8080/hello.")
  private @Nullable String url;

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      description = "The method of each request. Default: GET; POST with a body.")
  private @Nullable String method;

  @Option(
      names = "--header",
      paramLabel = "'NAME: VALUE'",
      description = "A header field; may be repeated.")
  private List<String> headers = new ArrayList<>();

  @Option(names = "--body", paramLabel = "TEXT", description = "The body of each request.")
  private @Nullable String body;

  @Option(
      names = "--api-key",
      paramLabel = "KEY",
      description = "The same as --header 'x-api-key: KEY'.")
  private @Nullable String apiKey;

  @Option(
      names = "--check",
      paramLabel = "DOMAIN,KEY=VALUE...",
      description = "Ask the decision API (POST /v1/check) of the host of --url.")
  private @Nullable String check;

  @Option(names = "--cost", paramLabel = "N", description = "The cost of each check. Default: 1.")
  private @Nullable Long cost;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Checks per request (POST /v1/checks). Default: 1.")
  private int batch = 1;

  @Option(
      names = "--keys",
      paramLabel = "N",
      description = "How many keys {key} is drawn from. Default: 1.")
  private long keys = 1;

  @Option(
      names = "--zipf",
      paramLabel = "EXPONENT",
      description = "Draw some keys more often than others, such as 0.99; else all are as likely.")
  private @Nullable Double zipf;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "The seed of the random keys. Default: 1.")
  private long seed = 1;

  @Option(names = "--rate", paramLabel = "N", description = "Open loop: requests due per second.")
  private @Nullable Double rate;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description = "Connections; most of them with --rate. Default: 16; 256 with --rate.")
  private @Nullable Integer concurrency;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      description = "How long, such as 500ms, 30s or 2m. Default: 10s, or until --requests.")
  private @Nullable String duration;

  @Option(names = "--seconds", paramLabel = "N", description = "The same as --duration Ns.")
  private @Nullable Long seconds;

  @Option(names = "--requests", paramLabel = "N", description = "Stop after so many requests.")
  private @Nullable Long requests;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "How long to wait for an answer. Default: 10s.")
  private String timeout = "10s";

  @Option(names = "--json", description = "Print the summary as JSON.")
  private boolean json;

  private final Shell shell;

  LoadCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    LoadPlan plan = plan();
    InetSocketAddress address = reach(plan.target());
    LoadRun run = new LoadRun(plan, shell.time(), this::progress);
    Interruption interruption = Interruption.of("weir-load-stop", run::stop);
    try {
      LoadReport report = run.run(address);
      shell.clearProgress();
      shell.out().println(json ? report.json() : report.text());
      return report.tally().answeredCount() > 0 ? ExitCode.OK : ExitCode.DENIED;
    } catch (IOException e) {
      throw Failure.network("cannot send: " + e.getMessage(), e);
    } finally {
      interruption.told();
    }
  }

  private void progress(LoadRun.Standing standing) {
    shell.progress(LoadReport.progress(standing));
  }

  private static InetSocketAddress reach(Target target) {
    InetSocketAddress address = new InetSocketAddress(target.host(), target.port());
    try (Socket socket = new Socket()) {
      socket.connect(address, CONNECT_MILLIS);
      return address;
    } catch (IOException e) {
      String why = address.isUnresolved() ? "unknown host" : String.valueOf(e.getMessage());
      throw Failure.network("cannot connect to " + target.authority() + ": " + why, e);
    }
  }

  private LoadPlan plan() {
    Target target = target();
    RequestTemplate request = request(target);
    OptionalDouble zipfExponent =
        zipf == null ? OptionalDouble.empty() : OptionalDouble.of(within("--zipf", zipf, 0.01, 10));
    OptionalDouble perSecond =
        rate == null
            ? OptionalDouble.empty()
            : OptionalDouble.of(within("--rate", rate, 0.001, 10_000_000));
    int most = concurrency != null ? concurrency : perSecond.isPresent() ? 256 : 16;
    long count =
        requests == null ? Long.MAX_VALUE : within("--requests", requests, 1, Long.MAX_VALUE);
    return new LoadPlan(
        target,
        request,
        KeyPicker.of(within("--keys", keys, 1, 1L << 52), zipfExponent, seed),
        (int) within("--concurrency", most, 1, MAX_CONNECTIONS),
        perSecond,
        length(),
        count,
        time("--timeout", timeout));
  }

  private Target target() {
    if (check == null) {
      return Target.of(url == null ? DEFAULT_BASE + "/hello" : url);
    }
    Target target = Target.of(url == null ? DEFAULT_BASE : url);
    if (!target.path().equals("/")) {
      throw Failure.usage("--url: " + url + " (expected: no path, as --check brings its own)");
    }
    return target.withPath(batch > 1 ? "/v1/checks" : "/v1/check");
  }

  private RequestTemplate request(Target target) {
    List<String> fields = new ArrayList<>(headers);
    for (String field : fields) {
      if (!FIELD.matcher(field).matches()) {
        throw Failure.usage("--header: " + field + " (expected: NAME: VALUE)");
      }
    }
    if (apiKey != null) {
      if (!FIELD.matcher("x-api-key: " + apiKey).matches()) {
        throw Failure.usage("--api-key: (expected: one line)");
      }
      fields.add("x-api-key: " + apiKey);
    }
    Optional<RequestTemplate.Body> content = body();
    if (check != null && fields.stream().noneMatch(LoadCommand::isContentType)) {
      fields.add("Content-Type: application/json");
    }
    String verb = method != null ? method : content.isPresent() ? "POST" : "GET";
    if (!TOKEN.matcher(verb).matches()) {
      throw Failure.usage("--method: " + verb + " (expected: a method such as GET)");
    }
    return RequestTemplate.of(verb, target, fields, content);
  }

  private static boolean isContentType(String field) {
    return field.toLowerCase(Locale.ROOT).startsWith("content-type:");
  }

  private Optional<RequestTemplate.Body> body() {
    within("--batch", batch, 1, 1_000);
    if (check == null) {
      if (batch > 1 || cost != null) {
        throw Failure.usage((batch > 1 ? "--batch" : "--cost") + ": given without --check");
      }
      return Optional.ofNullable(body).map(RequestTemplate.Body::of);
    }
    if (body != null) {
      throw Failure.usage("--body: given with --check, which brings its own");
    }
    long price = cost == null ? 1 : within("--cost", cost, 0, Descriptor.MAX_COST);
    String unit = CheckText.json(CheckText.descriptor(check, price));
    return Optional.of(
        batch == 1
            ? RequestTemplate.Body.of(unit)
            : new RequestTemplate.Body("{\"checks\":[", unit, "]}", batch));
  }

  private Duration length() {
    if (duration != null && seconds != null) {
      throw Failure.usage("--seconds: given with --duration, which means the same");
    }
    if (duration != null) {
      return time("--duration", duration);
    }
    if (seconds != null) {
      return Duration.ofSeconds(within("--seconds", seconds, 1, NO_END_DAYS * 86_400));
    }
    return requests == null ? Duration.ofSeconds(10) : Duration.ofDays(NO_END_DAYS);
  }

  private static Duration time(String name, String text) {
    try {
      Duration time = DurationWords.parse(text);
      if (time.isPositive() && time.compareTo(Duration.ofDays(NO_END_DAYS)) <= 0) {
        return time;
      }
    } catch (IllegalArgumentException e) {
      throw wrongTime(name, text);
    }
    throw wrongTime(name, text);
  }

  private static Failure wrongTime(String name, String text) {
    return Failure.usage(name + ": " + text + " (expected: a length of time such as 10s)");
  }

  private static long within(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw Failure.usage(name + ": " + value + " (expected: " + least + ".." + most + ")");
    }
    return value;
  }

  private static double within(String name, double value, double least, long most) {
    if (!(value >= least && value <= most)) {
      throw Failure.usage(name + ": " + value + " (expected: " + least + ".." + most + ")");
    }
    return value;
  }
}
