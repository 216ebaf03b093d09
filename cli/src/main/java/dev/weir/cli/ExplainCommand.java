// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.core.Condition;
import dev.weir.core.Descriptor;
import dev.weir.core.KeyPart;
import dev.weir.core.Limit;
import dev.weir.core.Mode;
import dev.weir.core.Policy;
import dev.weir.core.PolicyExplanation;
import dev.weir.core.PolicySet;
import dev.weir.core.Reason;
import dev.weir.policy.PolicyCatalog;
import dev.weir.policy.RateWords;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir explain}: tells which policies a descriptor meets, and why. */
@Command(
    name = "explain",
    header = "Tell which policies a descriptor meets, and why.",
    description = {
      "%nTells for each policy of a file whether it applies to a descriptor: what it counts by and",
      "which limits it charges, or the first condition that does not hold. Nothing is asked of a",
      "server and nothing is counted.%n"
    },
    footer = {
      "",
      "Examples:",
      "  weir explain --policy weir.yaml --domain api user=42 path=/v1/orders",
      "",
      "Exit status: 0 explained, 2 wrong command line, 3 the file is wrong or unreadable."
    })
final class ExplainCommand implements Callable<Integer> {

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      required = true,
      description = "A policy file or a configuration.")
  private String policy = "";

  @Option(
      names = "--domain",
      paramLabel = "DOMAIN",
      required = true,
      description = "The descriptor's domain.")
  private String domain = "";

  @Option(names = "--state", paramLabel = "STATE", description = "The load state. Default: normal.")
  private String state = PolicyCatalog.NORMAL;

  @Option(names = "--cost", paramLabel = "N", description = "The descriptor's cost. Default: 1.")
  private long cost = 1;

  @Parameters(paramLabel = "KEY=VALUE", arity = "0..*", description = "The descriptor's entries.")
  private List<String> entries = new ArrayList<>();

  private final Shell shell;

  ExplainCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    Descriptor descriptor = CheckText.descriptor(domain, entries, cost);
    PolicySource.Content content = new PolicySource(shell.environment()).read(policy);
    List<PolicyExplanation> explanations = explain(content.in(state), descriptor);
    StringBuilder out = new StringBuilder(512);
    if (!state.equals(PolicyCatalog.NORMAL)) {
      out.append("In the load state ").append(state).append(":\n");
    }
    boolean applies = false;
    for (PolicyExplanation explanation : explanations) {
      applies |= !(explanation instanceof PolicyExplanation.Unmatched);
      out.append(explanation.policy().domain()).append('/').append(explanation.policy().name());
      switch (explanation) {
        case PolicyExplanation.Matched matched ->
            matched(out, matched, tier(content.catalog(), matched.policy(), descriptor));
        case PolicyExplanation.Listed listed -> listed(out, listed);
        case PolicyExplanation.Unmatched unmatched ->
            out.append(" does not apply\n").append(line("because", unmatched.why()));
      }
    }
    if (!applies) {
      out.append("No policy applies: a check is allowed (").append(Reason.NO_MATCH.word());
      out.append(").\n");
    }
    shell.out().print(out);
    shell.out().flush();
    return ExitCode.OK;
  }

  private static List<PolicyExplanation> explain(PolicySet policies, Descriptor descriptor) {
    try {
      return policies.explain(descriptor);
    } catch (IllegalArgumentException e) {
      throw Failure.usage(String.valueOf(e.getMessage()));
    }
  }

  /** What is to say of the descriptor's tier; empty if the policy has no tiers. */
  private static Optional<String> tier(
      PolicyCatalog catalog, Policy policy, Descriptor descriptor) {
    return catalog
        .tierEntry(policy)
        .map(
            entry ->
                descriptor
                    .value(entry)
                    .map(name -> catalog.tiers().containsKey(name) ? name : name + ", unknown")
                    .orElse("none, for there is no entry " + entry));
  }

  private static void matched(
      StringBuilder out, PolicyExplanation.Matched matched, Optional<String> tier) {
    out.append(" applies\n");
    out.append(line("because", conditions(matched.policy().conditions())));
    out.append(line("counts by", key(matched)));
    tier.ifPresent(name -> out.append(line("tier", name)));
    for (Limit limit : matched.limits()) {
      out.append(line("limit", limit(limit) + instead(matched, limit)));
    }
    out.append(line("charges", Long.toString(matched.cost())));
  }

  private static void listed(StringBuilder out, PolicyExplanation.Listed listed) {
    if (listed.reason() == Reason.SHED) {
      out.append(" applies and sheds\n").append(line("because", "the priority is shed"));
      return;
    }
    out.append(
        listed.reason() == Reason.DENY_LIST
            ? " applies and denies\n" + line("because", "its deny list holds")
            : " applies and charges nothing\n" + line("because", "its allow list holds"));
  }

  private static String conditions(List<Condition> conditions) {
    if (conditions.isEmpty()) {
      return "it is for every descriptor of the domain";
    }
    StringJoiner text = new StringJoiner(", ");
    conditions.forEach(condition -> text.add(condition.toString()));
    return text.toString();
  }

  private static String key(PolicyExplanation.Matched matched) {
    List<KeyPart> parts = matched.policy().key();
    if (parts.isEmpty()) {
      return "nothing: one counter for all";
    }
    StringJoiner text = new StringJoiner(", ");
    for (int i = 0; i < parts.size(); i++) {
      text.add(name(parts.get(i)) + "=" + matched.keys().get(i));
    }
    return text.toString();
  }

  private static String name(KeyPart part) {
    return switch (part) {
      case KeyPart.Value value -> value.entry();
      case KeyPart.AddressNetwork network ->
          network.entry() + "/" + network.ipv4Length() + "/" + network.ipv6Length();
      case KeyPart.PathVariable variable -> variable.entry() + "." + variable.variable();
    };
  }

  private static String limit(Limit limit) {
    return limit.name()
        + ": "
        + RateWords.format(limit.algorithm())
        + mode(limit.mode())
        + ", "
        + limit.onFailure().name().toLowerCase(Locale.ROOT)
        + " while the store is away";
  }

  private static String mode(Mode mode) {
    return switch (mode) {
      case ENFORCED -> "";
      case SHADOW -> ", shadow";
      case QUOTA -> ", quota";
    };
  }

  private static String instead(PolicyExplanation.Matched matched, Limit limit) {
    for (Limit own : matched.policy().limits()) {
      if (own.name().equals(limit.name()) && !own.algorithm().equals(limit.algorithm())) {
        return " (an override of " + RateWords.format(own.algorithm()) + ")";
      }
    }
    return "";
  }

  private static String line(String name, String text) {
    return String.format(Locale.ROOT, "  %-9s  %s\n", name, text);
  }
}
