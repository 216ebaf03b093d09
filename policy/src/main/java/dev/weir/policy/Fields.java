// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The fields of a mapping, read by name; {@link #done} notes those that nobody asked for. Not safe
 * for use by several threads.
 *
 * <p>A field without a value counts as absent.
 */
public final class Fields {

  private final Node source;
  private final Map<String, Node> fields;
  private final Set<String> known = new LinkedHashSet<>();

  Fields(Node source, Map<String, Node> fields) {
    this.source = source;
    this.fields = fields;
  }

  /** The mapping. */
  public Node source() {
    return source;
  }

  /** The names that are there, in order. */
  public Set<String> names() {
    return new LinkedHashSet<>(fields.keySet());
  }

  /** The field, if it is there. */
  public Optional<Node> node(String name) {
    known.add(requireNonNull(name, "name"));
    return Optional.ofNullable(fields.get(name)).filter(node -> node.kind() != Node.Kind.NULL);
  }

  /** The field, also if it has no value. */
  Node present(String name) {
    known.add(name);
    return requireNonNull(fields.get(name), name);
  }

  /** The field; a problem if it is not there. */
  public Optional<Node> required(String name) {
    Optional<Node> node = node(name);
    if (node.isEmpty() && source.kind() == Node.Kind.MAPPING) {
      source.report("no " + name + " (expected: a field " + name + ")");
    }
    return node;
  }

  /** The field's text, if it is there. */
  public Optional<String> text(String name) {
    return node(name).flatMap(Node::text);
  }

  /** The field's whole number, if it is there. */
  public Optional<Long> integer(String name, long min, long max) {
    return node(name).flatMap(node -> node.integer(min, max));
  }

  /** The field's truth value, if it is there. */
  public Optional<Boolean> truth(String name) {
    return node(name).flatMap(Node::truth);
  }

  /** The field's length of time, if it is there. */
  public Optional<Duration> duration(String name, Duration min, Duration max) {
    return node(name).flatMap(node -> node.duration(min, max));
  }

  /** The field's constant, if it is there. */
  public <E extends Enum<E>> Optional<E> choice(String name, Class<E> type) {
    return node(name).flatMap(node -> node.choice(type));
  }

  /** The items of the field's list; none if it is not there. */
  public List<Node> items(String name) {
    return node(name).map(Node::items).orElse(List.of());
  }

  boolean hasUnknown() {
    return !known.containsAll(fields.keySet());
  }

  /** Notes every field that was not asked for, with the nearest name that was. */
  public void done() {
    fields.forEach(
        (name, node) -> {
          if (!known.contains(name)) {
            node.report("unknown (expected: " + Nearest.of(name, known) + ")");
          }
        });
  }
}
