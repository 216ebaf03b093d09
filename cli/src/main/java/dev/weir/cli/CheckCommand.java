// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.core.Descriptor;
import dev.weir.core.MemoryStore;
import dev.weir.core.RateLimiter;
import dev.weir.policy.Document;
import dev.weir.policy.Node;
import dev.weir.policy.PolicyCatalog;
import dev.weir.policy.Problems;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir check}: asks for one decision. */
@Command(
    name = "check",
    header = "Ask for one decision.",
    description = {
      "%nAsks a running server whether a descriptor is allowed, and charges it if so; --peek asks and",
      "charges nothing. With --policy no server is asked: the file decides, with nothing used yet.%n"
    },
    footer = {
      "",
      "Examples:",
      "  weir check --domain api user=42",
      "  weir check --url http://localhost:8080 --domain api user=42 --cost 2 --json",
      "  weir check --policy weir.yaml --domain api user=42 path=/v1/orders",
      "",
      "Exit status: 0 allowed, 1 denied, 2 wrong command line, 3 the file is wrong or unreadable,",
      "4 the server cannot be asked."
    })
final class CheckCommand implements Callable<Integer> {

  private static final int TIMEOUT_MILLIS = 5_000;
  private static final int MAX_ANSWER_BYTES = 1_048_576;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The server. Default: http://localhost:8080.")
  private @Nullable String url;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = "What the server knows the caller by. [WEIR_TOKEN]")
  private @Nullable String token;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "Decide by this policy file or configuration instead.")
  private @Nullable String policy;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "The load state, with --policy. Default: normal.")
  private @Nullable String state;

  @Option(
      names = "--domain",
      paramLabel = "DOMAIN",
      required = true,
      description = "The descriptor's domain.")
  private String domain = "";

  @Option(names = "--cost", paramLabel = "N", description = "The descriptor's cost. Default: 1.")
  private long cost = 1;

  @Option(names = "--peek", description = "Charge nothing.")
  private boolean peek;

  @Option(names = "--json", description = "Print the decision as JSON.")
  private boolean json;

  @Parameters(paramLabel = "KEY=VALUE", arity = "0..*", description = "The descriptor's entries.")
  private List<String> entries = new ArrayList<>();

  private final Shell shell;

  CheckCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    Descriptor descriptor = CheckText.descriptor(domain, entries, cost);
    if (policy != null && url != null) {
      throw Failure.usage("--url: given with --policy, which asks no server");
    }
    if (policy == null && state != null) {
      throw Failure.usage("--state: given without --policy; a server is in a state of its own");
    }
    return policy != null ? decide(policy, descriptor) : ask(descriptor);
  }

  private int decide(String file, Descriptor descriptor) {
    var policies =
        new PolicySource(shell.environment())
            .read(file)
            .in(state == null ? PolicyCatalog.NORMAL : state);
    try (MemoryStore store = MemoryStore.create(shell.time(), MemoryStore.DEFAULT_MAX_KEYS)) {
      RateLimiter limiter = RateLimiter.create(store, policies);
      Answer answer =
          Answer.of(peek ? limiter.peek(List.of(descriptor)) : limiter.check(descriptor));
      return show(answer, answer.json());
    } catch (IllegalArgumentException e) {
      throw Failure.usage(String.valueOf(e.getMessage()));
    }
  }

  private int ask(Descriptor descriptor) {
    URI address = address();
    String body;
    try {
      body = post(address, CheckText.json(descriptor));
    } catch (IOException e) {
      String why = String.valueOf(e.getMessage());
      throw Failure.network("cannot ask " + address + ": " + why, e);
    }
    Answer answer = Answer.of(body).orElseThrow(() -> noDecision(address, "other than a decision"));
    return show(answer, body);
  }

  private int show(Answer answer, String asJson) {
    shell.out().println(json ? asJson : answer.text());
    return answer.allowed() ? ExitCode.OK : ExitCode.DENIED;
  }

  private URI address() {
    String base = url == null ? "http://localhost:8080" : url;
    try {
      URI address = new URI((base.endsWith("/") ? base : base + '/') + "v1/" + verb());
      if (List.of("http", "https").contains(String.valueOf(address.getScheme()))
          && address.getHost() != null
          && address.getQuery() == null
          && address.getFragment() == null) {
        return address;
      }
    } catch (URISyntaxException e) {
      throw wrongUrl(base);
    }
    throw wrongUrl(base);
  }

  private String verb() {
    return peek ? "peek" : "check";
  }

  private static Failure wrongUrl(String base) {
    return Failure.usage("--url: " + base + " (expected: http://HOST[:PORT][/PATH])");
  }

  private String post(URI address, String body) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    connection.setInstanceFollowRedirects(false);
    connection.setRequestMethod("POST");
    connection.setRequestProperty("Content-Type", "application/json");
    connection.setRequestProperty("Accept", "application/json");
    String known = token != null ? token : shell.environment().get("WEIR_TOKEN");
    if (known != null && !known.isEmpty()) {
      connection.setRequestProperty("Authorization", "Bearer " + known);
    }
    connection.setDoOutput(true);
    try (var out = connection.getOutputStream()) {
      out.write(body.getBytes(UTF_8));
    }
    int status = connection.getResponseCode();
    if (status == HttpURLConnection.HTTP_OK) {
      return text(connection.getInputStream());
    }
    Optional<String> detail = detail(text(connection.getErrorStream()));
    if (status == HttpURLConnection.HTTP_BAD_REQUEST && detail.isPresent()) {
      throw Failure.usage(detail.get());
    }
    if (status == HttpURLConnection.HTTP_UNAUTHORIZED
        || status == HttpURLConnection.HTTP_FORBIDDEN) {
      throw Failure.network(
          address + " answers status " + status + " (expected: a right --token or WEIR_TOKEN)");
    }
    throw noDecision(address, "status " + status + detail.map(text -> ", " + text).orElse(""));
  }

  private static Failure noDecision(URI address, String what) {
    return Failure.network(address + " answers " + what + " (expected: a decision of weir)");
  }

  private static String text(@Nullable InputStream stream) throws IOException {
    if (stream == null) {
      return "";
    }
    try (stream) {
      return new String(stream.readNBytes(MAX_ANSWER_BYTES), UTF_8);
    }
  }

  /** What a problem (RFC 9457) says. */
  private static Optional<String> detail(String body) {
    return Document.read("answer", body, Optional::of, new Problems())
        .filter(node -> node.kind() == Node.Kind.MAPPING)
        .flatMap(node -> node.fields().text("detail"));
  }
}
