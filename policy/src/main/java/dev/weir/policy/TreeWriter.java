// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Writes mappings, lists, texts, numbers and truth values as YAML or JSON. */
final class TreeWriter {

  private static final int LINE = 80;
  private static final Pattern PLAIN =
      Pattern.compile("[A-Za-z_/][A-Za-z0-9_./-]*|[0-9]+ [A-Za-z0-9 /+_-]*[A-Za-z0-9]");
  private static final Set<String> RESERVED =
      Set.of("null", "true", "false", "yes", "no", "on", "off", "y", "n");

  private final boolean yaml;
  private final StringBuilder out = new StringBuilder();

  private TreeWriter(boolean yaml) {
    this.yaml = yaml;
  }

  static String yaml(Map<String, Object> tree) {
    TreeWriter writer = new TreeWriter(true);
    writer.block(tree, 0);
    return writer.out.toString();
  }

  static String json(Map<String, Object> tree) {
    TreeWriter writer = new TreeWriter(false);
    writer.flow(tree);
    return writer.out.append('\n').toString();
  }

  /** Writes a value on lines of its own; the first line is begun. */
  private void block(Object value, int indent) {
    boolean first = true;
    if (value instanceof Map<?, ?> fields) {
      for (Map.Entry<?, ?> field : fields.entrySet()) {
        first = line(first, indent);
        out.append(text(field.getKey().toString())).append(':');
        value(field.getValue(), indent + 2);
      }
    } else if (value instanceof List<?> items) {
      for (Object item : items) {
        first = line(first, indent);
        out.append('-');
        if (item instanceof Map && !fits(item, indent)) {
          out.append(' ');
          block(item, indent + 2);
        } else {
          value(item, indent + 2);
        }
      }
    }
  }

  private boolean line(boolean first, int indent) {
    if (!first) {
      out.append(" ".repeat(indent));
    }
    return false;
  }

  private void value(Object value, int indent) {
    if (fits(value, indent)) {
      out.append(' ');
      flow(value);
      out.append('\n');
    } else {
      out.append('\n').append(" ".repeat(indent));
      block(value, indent);
    }
  }

  /** Whether it goes on the line at hand. */
  private static boolean fits(Object value, int indent) {
    boolean nested =
        switch (value) {
          case Map<?, ?> fields -> fields.values().stream().anyMatch(TreeWriter::structured);
          case List<?> items -> items.stream().anyMatch(TreeWriter::structured);
          default -> false;
        };
    if (!structured(value)) {
      return true;
    }
    if (nested) {
      return false;
    }
    TreeWriter trial = new TreeWriter(true);
    trial.flow(value);
    return indent + trial.out.length() <= LINE;
  }

  private static boolean structured(Object value) {
    return value instanceof Map || value instanceof List;
  }

  private void flow(Object value) {
    String separator = "";
    switch (value) {
      case Map<?, ?> fields -> {
        out.append(yaml ? "{ " : "{");
        for (Map.Entry<?, ?> field : fields.entrySet()) {
          out.append(separator).append(text(field.getKey().toString())).append(": ");
          flow(field.getValue());
          separator = ", ";
        }
        out.append(yaml ? " }" : "}");
      }
      case List<?> items -> {
        out.append('[');
        for (Object item : items) {
          out.append(separator);
          flow(item);
          separator = ", ";
        }
        out.append(']');
      }
      case String text -> out.append(value(text));
      default -> out.append(value);
    }
  }

  /** A text whose dollar signs are doubled where they would begin a reference; keys have none. */
  private String value(String text) {
    return text(text.replace("${", "$${"));
  }

  private String text(String text) {
    if (yaml
        && PLAIN.matcher(text).matches()
        && !RESERVED.contains(text.toLowerCase(Locale.ROOT))) {
      return text;
    }
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c >= ' ' && c < 0x7F) {
        quoted.append(c);
      } else {
        quoted.append(String.format("\\u%04x", (int) c));
      }
    }
    return quoted.append('"').toString();
  }
}
