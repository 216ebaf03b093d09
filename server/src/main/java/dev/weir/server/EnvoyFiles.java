// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.core.Limit;
import dev.weir.policy.CatalogReader;
import dev.weir.policy.Document;
import dev.weir.policy.Fields;
import dev.weir.policy.Folder;
import dev.weir.policy.Node;
import dev.weir.policy.envoy.EnvoyImporter;
import dev.weir.policy.envoy.EnvoyRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the rules of an Envoy rate limit service are read: a file or a folder of them. */
final class EnvoyFiles {

  private static final Logger LOG = LoggerFactory.getLogger(EnvoyFiles.class);

  private static final Pattern NO = Pattern.compile("0|f|false", Pattern.CASE_INSENSITIVE);
  private static final Pattern YES = Pattern.compile("1|t|true", Pattern.CASE_INSENSITIVE);

  /** What that service can do and Weir does in another way or not at all, by what it is set to. */
  private static final Map<String, String> UNSUPPORTED =
      new TreeMap<>(
          Map.of(
              "BACKEND_TYPE", "redis",
              "CONFIG_TYPE", "FILE",
              "GRPC_SERVER_USE_TLS", "false; TLS is a matter of the listener: tls",
              "GRPC_UDS", "nothing; listeners have a host and a port",
              "LIMIT_LIMIT_HEADER", "RateLimit-Limit",
              "LIMIT_REMAINING_HEADER", "RateLimit-Remaining",
              "LIMIT_RESET_HEADER", "RateLimit-Reset",
              "QUOTA_MODE", "false; SHADOW_MODE: true denies nobody",
              "REDIS_PERSECOND", "false; one Redis keeps all windows"));

  private final EnvoyImporter.Domains domains;
  private final UnaryOperator<Limit> change;

  private EnvoyFiles(EnvoyImporter.Domains domains, UnaryOperator<Limit> change) {
    this.domains = domains;
    this.change = change;
  }

  /** What an item of {@code policy-files} says beside its file. */
  static EnvoyFiles read(
      Fields fields, UnaryOperator<Limit> change, Map<String, String> variables) {
    boolean merged = truth(fields, "merge-domains");
    boolean shadow = truth(fields, "shadow");
    if (truth(fields, "service-variables")) {
      check(fields.source(), variables);
    }
    return new EnvoyFiles(
        merged ? EnvoyImporter.Domains.MERGED : EnvoyImporter.Domains.ONE_FILE_EACH,
        shadow ? limit -> change.apply(limit.shadow()) : change);
  }

  /* The words of the service's environment. */
  private static boolean truth(Fields fields, String name) {
    Optional<Node> node = fields.node(name);
    String word = node.flatMap(Node::text).orElse("");
    boolean yes = YES.matcher(word).matches();
    if (!word.isEmpty() && !yes && !NO.matcher(word).matches()) {
      node.orElseThrow().expect("true or false");
    }
    return yes;
  }

  /* To pass over what somebody relies on would be worse than not to start. */
  private static void check(Node place, Map<String, String> variables) {
    UNSUPPORTED.forEach(
        (name, supported) -> {
          String value = variables.getOrDefault(name, "");
          String only = supported.replaceAll(";.*", "").toLowerCase(Locale.ROOT);
          boolean fits =
              value.isEmpty()
                  || value.toLowerCase(Locale.ROOT).equals(only)
                  || (only.equals("false") && NO.matcher(value).matches());
          if (!fits) {
            place.report(name + ": " + value + " (expected: " + supported + ")");
          }
        });
  }

  /**
   * Adds what a file or a folder says.
   *
   * @return whether it names any domain
   * @throws IOException if it cannot be read
   */
  boolean add(Path path, CatalogReader reader) throws IOException {
    EnvoyRules rules = EnvoyImporter.parse(sources(path), domains, change);
    rules.warnings().forEach(warning -> LOG.warn("{}", warning));
    if (rules.domains().isEmpty()) {
      LOG.warn("{}: no rate limit configuration (expected: *.yaml with a domain)", path);
    }
    reader.add(rules.policies());
    return !rules.domains().isEmpty();
  }

  private static List<EnvoyImporter.Source> sources(Path path) throws IOException {
    Map<Path, String> texts =
        Files.isDirectory(path) ? Folder.texts(path) : Map.of(path, Document.text(path));
    return texts.entrySet().stream()
        .map(text -> new EnvoyImporter.Source(text.getKey().toString(), text.getValue()))
        .toList();
  }
}
