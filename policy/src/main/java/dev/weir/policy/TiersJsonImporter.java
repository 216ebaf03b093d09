// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static java.util.Objects.requireNonNull;

import dev.weir.core.Algorithm;
import dev.weir.core.Limit;
import dev.weir.core.Policy;
import dev.weir.core.SlidingWindow;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Reads a JSON object of {@code tiers} ({@code base_limit}, {@code burst_limit}, {@code
 * degraded_limit}, {@code window_minutes}), {@code users} (their tiers), {@code api_keys} (their
 * users) and {@code redis}, of which only the tiers are required.
 *
 * <p>Each tier's sliding window admits the burst limit in normal times, and the degraded limit in
 * the state {@value #DEGRADED}; where one is missing, the base limit, which also holds in the state
 * {@value #BASE}. The policy is called {@value #POLICY}, its limit {@value #LIMIT}; it counts by
 * the entry {@code user} and takes the tier from the entry {@code tier}, and who has no known tier
 * has the smallest. Fields of other names are passed over: other programs read such files, too.
 */
public final class TiersJsonImporter {

  /** What the policy is called. */
  public static final String POLICY = "per-user";

  /** What its limit is called. */
  public static final String LIMIT = "requests";

  /** The state in which degraded limits hold. */
  public static final String DEGRADED = "degraded";

  /** The state in which base limits hold. */
  public static final String BASE = "base";

  private static final long MAX_LIMIT = 1_000_000_000;
  private static final long MAX_MINUTES = 60 * 24 * 366;
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]{10,200}");
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,4}([.][0-9]{1,9})?");

  private TiersJsonImporter() {}

  /**
   * What the file says.
   *
   * @param name what problems call the file
   * @param text its text
   * @param domain the policy's domain
   * @param change what becomes of the policy's limit, such as its failure policy
   * @throws InvalidFileException if anything is wrong with it; no key is told
   */
  public static TiersJson parse(
      String name, String text, String domain, UnaryOperator<Limit> change) {
    requireNonNull(domain, "domain");
    requireNonNull(change, "change");
    Problems problems = new Problems();
    Optional<TiersJson> read =
        Document.read(name, text, variable -> Optional.empty(), problems)
            .flatMap(root -> root(root, domain, change));
    problems.throwIfAny();
    return read.orElseThrow(
        () -> new InvalidFileException(List.of(new Problem(name, 1, 1, "", "empty"))));
  }

  private static Optional<TiersJson> root(Node root, String domain, UnaryOperator<Limit> change) {
    int before = root.noted();
    Fields fields = root.fields();
    List<Tier> tiers = new ArrayList<>();
    Optional<Node> ofTiers = fields.required("tiers");
    if (ofTiers.isPresent()) {
      Fields all = ofTiers.get().fields();
      for (String tier : all.names()) {
        tier(tier, all.present(tier)).ifPresent(tiers::add);
      }
      if (ofTiers.get().isEmpty()) {
        ofTiers.get().report("no tier (expected: at least one)");
      }
    }
    Map<String, String> users = users(fields.node("users"), tiers);
    Map<String, String> keys = keys(fields.node("api_keys"), users);
    Optional<TiersJson.Redis> redis = fields.node("redis").flatMap(TiersJsonImporter::redis);
    return root.noted() > before
        ? Optional.empty()
        : root.attempt(
            () ->
                catalog(root, tiers, domain, change)
                    .map(catalog -> new TiersJson(catalog, users, keys, redis)));
  }

  private static Optional<Tier> tier(String name, Node node) {
    Fields fields = node.fields();
    Optional<Long> base = fields.required("base_limit").flatMap(n -> n.integer(1, MAX_LIMIT));
    long minutes = fields.integer("window_minutes", 1, MAX_MINUTES).orElse(1L);
    Optional<Long> burst = fields.integer("burst_limit", 1, MAX_LIMIT).or(() -> base);
    Optional<Long> degraded = fields.integer("degraded_limit", 1, MAX_LIMIT).or(() -> base);
    if (base.isEmpty() || burst.isEmpty() || degraded.isEmpty()) {
      return Optional.empty();
    }
    Duration window = Duration.ofMinutes(minutes);
    Map<String, Algorithm> rates = new LinkedHashMap<>();
    return node.attempt(
        () -> {
          rates.put(PolicyCatalog.NORMAL, new SlidingWindow(burst.get(), window));
          rates.put(BASE, new SlidingWindow(base.get(), window));
          rates.put(DEGRADED, new SlidingWindow(degraded.get(), window));
          return Optional.of(new Tier(name, List.of(new Tier.Limit(LIMIT, rates))));
        });
  }

  private static Map<String, String> users(Optional<Node> node, List<Tier> tiers) {
    List<String> known = tiers.stream().map(Tier::name).toList();
    Map<String, String> users = new LinkedHashMap<>();
    Optional<Fields> fields = node.map(Node::fields);
    for (String user : fields.map(Fields::names).orElse(Set.of())) {
      Node tier = fields.get().present(user);
      Optional<String> text = tier.text();
      if (text.isPresent() && !known.contains(text.get())) {
        tier.report(
            "tier: \"" + text.get() + "\" (expected: " + Nearest.of(text.get(), known) + ")");
      }
      text.ifPresent(name -> users.put(user, name));
    }
    return users;
  }

  /* A key is the name of its field, which a problem of that field would tell. */
  private static Map<String, String> keys(Optional<Node> node, Map<String, String> users) {
    Map<String, String> keys = new LinkedHashMap<>();
    Optional<Fields> fields = node.map(Node::fields);
    for (String key : fields.map(Fields::names).orElse(Set.of())) {
      Node user = fields.get().present(key);
      String name = user.kind() == Node.Kind.SCALAR ? user.text().orElse("") : "";
      String place = "the key on line " + user.line();
      if (!KEY.matcher(key).matches()) {
        node.get().report(place + " (expected: 10..200 letters, digits, '_' and '-')");
      } else if (!users.containsKey(name)) {
        node.get().report(place + " is of \"" + name + "\" (expected: one of the users)");
      } else {
        keys.put(key, name);
      }
    }
    return keys;
  }

  private static Optional<TiersJson.Redis> redis(Node node) {
    Fields fields = node.fields();
    Optional<String> host = fields.text("host");
    Optional<Long> port = fields.integer("port", 1, 65_535);
    Optional<Long> database = fields.integer("db", 0, 1_000_000);
    Optional<BigDecimal> timeout =
        fields.node("timeout").flatMap(seconds -> seconds.convert(TiersJsonImporter::seconds));
    return host.filter(name -> !name.isEmpty())
        .map(name -> new TiersJson.Redis(name, whole(port), whole(database), timeout));
  }

  private static OptionalInt whole(Optional<Long> value) {
    return value.isPresent() ? OptionalInt.of(value.get().intValue()) : OptionalInt.empty();
  }

  private static BigDecimal seconds(String text) {
    if (!SECONDS.matcher(text).matches()) {
      throw new IllegalArgumentException("timeout (expected: seconds, such as 0.005)");
    }
    return new BigDecimal(text);
  }

  private static Optional<PolicyCatalog> catalog(
      Node root, List<Tier> tiers, String domain, UnaryOperator<Limit> change) {
    Algorithm smallest =
        tiers.stream()
            .map(tier -> tier.limits().getFirst().in(PolicyCatalog.NORMAL))
            .min(Comparator.comparingLong(Algorithm::limit))
            .orElseThrow();
    Policy policy =
        Policy.named(POLICY)
            .domain(domain)
            .key("user")
            .limit(change.apply(Limit.of(LIMIT, smallest)))
            .build();
    CatalogSource source =
        new CatalogSource(
            List.of(new TieredPolicy(policy, Optional.of("tier"))),
            tiers,
            List.of(
                new LoadState(BASE, Optional.empty(), List.of()),
                new LoadState(DEGRADED, Optional.empty(), List.of())));
    return new CatalogCompiler(source, (part, message) -> root.report(message)).compile(1);
  }
}
