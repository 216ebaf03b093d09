// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import dev.weir.policy.Fields;
import dev.weir.policy.Node;
import dev.weir.server.wire.ByteWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads answers from a configuration. */
public final class AnswerReader {

  private static final Pattern JSON_LITERAL =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?|true|false");
  private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}");

  private AnswerReader() {}

  /**
   * The answer of a mapping: {@code status}, {@code headers}, and {@code json}, or {@code body} and
   * {@code content-type}.
   *
   * @param status the status of an answer that names none
   */
  public static Answer answer(Node node, int status) {
    Fields fields = node.fields();
    int code = fields.integer("status", 200, 599).map(Long::intValue).orElse(status);
    List<Answer.Header> headers =
        fields.node("headers").map(AnswerReader::headers).orElse(List.of());
    Optional<Node> json = fields.node("json");
    Optional<Node> body = fields.node("body");
    String mediaType =
        fields.text("content-type").orElse(json.isPresent() ? "application/json" : "text/plain");
    if (json.isPresent() && body.isPresent()) {
      node.report("json and body (expected: one of them)");
    }
    fields.done();
    Optional<Answer.Content> content =
        json.isPresent()
            ? json.flatMap(tree -> content(tree, mediaType))
            : body.flatMap(text -> text(text, mediaType));
    return new Answer(code, headers, content);
  }

  private static Optional<Answer.Content> text(Node node, String mediaType) {
    boolean json = mediaType.startsWith("application/") && mediaType.contains("json");
    return node.convert(Template::of).map(text -> new Answer.Content(mediaType, json, text));
  }

  private static Optional<Answer.Content> content(Node tree, String mediaType) {
    ByteWriter out = new ByteWriter();
    write(tree, out);
    try {
      return Optional.of(new Answer.Content(mediaType, true, Template.of(out.toString())));
    } catch (IllegalArgumentException e) {
      tree.report(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private static void write(Node node, ByteWriter out) {
    switch (node.kind()) {
      case MAPPING -> {
        Fields fields = node.fields();
        out.character('{');
        boolean first = true;
        for (String name : fields.names()) {
          out.text(first ? "" : ",").quoted(name).character(':');
          fields.node(name).ifPresentOrElse(value -> write(value, out), () -> out.text("null"));
          first = false;
        }
        out.character('}');
      }
      case SEQUENCE -> {
        out.character('[');
        boolean first = true;
        for (Node item : node.items()) {
          out.text(first ? "" : ",");
          write(item, out);
          first = false;
        }
        out.character(']');
      }
      case SCALAR -> scalar(node.text().orElse(""), out);
      case NULL -> out.text("null");
    }
  }

  /** Numbers and truth values stay what they are, and so does a variable that is a number. */
  private static void scalar(String text, ByteWriter out) {
    if (JSON_LITERAL.matcher(text).matches() || isNumber(text)) {
      out.text(text);
    } else {
      out.quoted(text);
    }
  }

  private static boolean isNumber(String text) {
    try {
      return Template.of(text).isNumber();
    } catch (IllegalArgumentException e) {
      // Told once, for the whole body.
      return false;
    }
  }

  /** The fields of a mapping from names to templates. */
  public static List<Answer.Header> headers(Node node) {
    Fields fields = node.fields();
    List<Answer.Header> headers = new ArrayList<>();
    for (String name : fields.names()) {
      Optional<Node> value = fields.node(name);
      if (!HEADER_NAME.matcher(name).matches()) {
        node.report(name + ": no header name (expected: letters, digits and hyphens)");
      } else if (value.isPresent()) {
        value
            .get()
            .convert(AnswerReader::oneLine)
            .ifPresent(template -> headers.add(new Answer.Header(name, template)));
      }
    }
    return headers;
  }

  private static Template oneLine(String text) {
    if (text.chars().anyMatch(c -> c < 0x20 || c == 0x7f)) {
      throw new IllegalArgumentException("header (expected: text on one line)");
    }
    return Template.of(text);
  }
}
