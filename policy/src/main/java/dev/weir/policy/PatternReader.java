// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import dev.weir.core.EntryPattern;
import dev.weir.core.ValuePattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Reads what values must look like. */
final class PatternReader {

  private PatternReader() {}

  /** The pattern that a word or a mapping means. */
  static Optional<ValuePattern> pattern(String key, Node node) {
    if (node.kind() == Node.Kind.SCALAR) {
      return node.convert(word -> PatternWords.parse(key, word));
    }
    if (node.kind() != Node.Kind.MAPPING) {
      if (node.kind() == Node.Kind.SEQUENCE) {
        node.expect("a pattern");
      }
      return Optional.empty();
    }
    Fields fields = node.fields();
    List<Optional<ValuePattern>> patterns = new ArrayList<>();
    fields.node("exact").ifPresent(text -> patterns.add(text.convert(ValuePattern::exact)));
    fields.node("prefix").ifPresent(text -> patterns.add(text.convert(ValuePattern::prefix)));
    fields.node("cidr").ifPresent(text -> patterns.add(text.convert(ValuePattern::cidr)));
    fields.node("template").ifPresent(text -> patterns.add(text.convert(ValuePattern::path)));
    fields.node("any").ifPresent(any -> patterns.add(any(any)));
    Optional<Node> texts = fields.node("not");
    Optional<Node> prefixes = fields.node("not-prefix");
    fields.done();
    boolean except = texts.isPresent() || prefixes.isPresent();
    if (patterns.size() > 1 || (patterns.isEmpty() && !except)) {
      if (!fields.hasUnknown()) {
        node.expect("one of exact, prefix, cidr, template, any");
      }
      return Optional.empty();
    }
    Optional<ValuePattern> base =
        patterns.isEmpty() ? Optional.of(ValuePattern.any()) : patterns.getFirst();
    return except
        ? base.flatMap(pattern -> node.attempt(() -> except(pattern, texts, prefixes)))
        : base;
  }

  private static Optional<ValuePattern> any(Node any) {
    return any.truth()
        .filter(
            truth -> {
              if (!truth) {
                any.expect("true");
              }
              return truth;
            })
        .map(truth -> ValuePattern.any());
  }

  private static Optional<ValuePattern> except(
      ValuePattern pattern, Optional<Node> texts, Optional<Node> prefixes) {
    int before = texts.or(() -> prefixes).map(Node::noted).orElse(0);
    List<String> not = texts.map(node -> each(node, text -> text)).orElse(List.of());
    List<String> notPrefix =
        prefixes
            .map(node -> each(node, text -> new ValuePattern.Prefix(text).prefix()))
            .orElse(List.of());
    boolean unreadable = texts.or(() -> prefixes).map(Node::noted).orElse(0) > before;
    return unreadable
        ? Optional.empty()
        : Optional.of(new ValuePattern.Except(pattern, not, notPrefix));
  }

  /** One text or a list of them, each of which the check does not refuse. */
  private static List<String> each(Node node, UnaryOperator<String> check) {
    List<String> texts = new ArrayList<>();
    for (Node item : node.kind() == Node.Kind.SEQUENCE ? node.items() : List.of(node)) {
      item.convert(check).ifPresent(texts::add);
    }
    return texts;
  }

  /** The entries that a policy wants, by position. */
  static List<EntryPattern> entries(Node list) {
    List<EntryPattern> entries = new ArrayList<>();
    for (Node item : list.items()) {
      item.attempt(() -> entry(item)).ifPresent(entries::add);
    }
    if (list.kind() == Node.Kind.SEQUENCE && list.isEmpty()) {
      list.report("no entry (expected: 1..32)");
    }
    return entries;
  }

  private static Optional<EntryPattern> entry(Node item) {
    Fields fields = item.fields();
    Optional<String> key = fields.required("key").flatMap(Node::text);
    Optional<Node> value = fields.node("value");
    Optional<ValuePattern> pattern =
        value.isPresent() ? pattern(key.orElse(""), value.get()) : Optional.of(ValuePattern.any());
    boolean counted = fields.truth("counted").orElse(true);
    fields.done();
    return key.isEmpty() || pattern.isEmpty()
        ? Optional.empty()
        : Optional.of(new EntryPattern(key.get(), pattern.get(), counted));
  }
}
