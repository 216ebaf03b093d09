// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.gateway;

import static java.util.Objects.requireNonNull;

import dev.weir.server.wire.ByteWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text with <code>{variables}</code> that an exchange fills in.
 *
 * <p>A brace that does not enclose the name of a variable's shape stands for itself, so that JSON
 * can be written as it is; a name that no variable has is refused.
 */
public final class Template {

  private static final Pattern PLACE = Pattern.compile("\\{([a-z][a-z-]*(?::[^{}\\s\"]+)?)}");

  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  /** A piece: literal text, or a variable. */
  private sealed interface Piece {
    record Literal(String text) implements Piece {}

    record Place(Variable variable) implements Piece {}
  }

  private final String source;
  private final List<Piece> pieces;

  private Template(String source, List<Piece> pieces) {
    this.source = source;
    this.pieces = List.copyOf(pieces);
  }

  /**
   * @throws IllegalArgumentException if it names a variable that does not exist
   */
  public static Template of(String source) {
    requireNonNull(source, "source");
    List<Piece> pieces = new ArrayList<>();
    Matcher place = PLACE.matcher(source);
    int from = 0;
    while (place.find()) {
      if (place.start() > from) {
        pieces.add(new Piece.Literal(source.substring(from, place.start())));
      }
      pieces.add(new Piece.Place(Variable.of(place.group(1))));
      from = place.end();
    }
    if (from < source.length()) {
      pieces.add(new Piece.Literal(source.substring(from)));
    }
    return new Template(source, pieces);
  }

  /** Whether it is one variable and nothing else, and that variable is a whole number. */
  boolean isNumber() {
    return pieces.size() == 1
        && pieces.getFirst() instanceof Piece.Place place
        && place.variable.isNumber();
  }

  /** The text; empty if a variable has no value in this exchange. */
  Optional<String> text(Exchange exchange) {
    if (pieces.size() == 1) {
      return value(pieces.getFirst(), exchange);
    }
    StringBuilder text = new StringBuilder();
    for (Piece piece : pieces) {
      Optional<String> value = value(piece, exchange);
      if (value.isEmpty()) {
        return Optional.empty();
      }
      text.append(value.get());
    }
    return Optional.of(text.toString());
  }

  /** The text for a header field: no value ends the field or leaves its characters. */
  Optional<String> field(Exchange exchange) {
    return text(exchange).map(Template::inField);
  }

  /** RFC 9110, 5.5: visible ASCII, spaces and tabs. */
  private static String inField(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!fits(text.charAt(i))) {
        StringBuilder mended = new StringBuilder(text);
        for (int j = i; j < text.length(); j++) {
          mended.setCharAt(j, fits(text.charAt(j)) ? text.charAt(j) : '?');
        }
        return mended.toString();
      }
    }
    return text;
  }

  private static boolean fits(char c) {
    return c >= ' ' && c < 0x7f || c == '\t';
  }

  /** The text for a counter: an identity is told from others of the same text. */
  Optional<String> counted(Exchange exchange) {
    StringBuilder text = new StringBuilder();
    for (Piece piece : pieces) {
      Optional<String> value =
          piece instanceof Piece.Place place && place.variable.isIdentity()
              ? exchange.identity().map(Identity::counted)
              : value(piece, exchange);
      if (value.isEmpty()) {
        return Optional.empty();
      }
      text.append(value.get());
    }
    return Optional.of(text.toString());
  }

  private static Optional<String> value(Piece piece, Exchange exchange) {
    return switch (piece) {
      case Piece.Literal literal -> Optional.of(literal.text);
      case Piece.Place place -> place.variable.value(exchange);
    };
  }

  /** The text for one line of a log: what has no value is a dash, and no value breaks the line. */
  String line(Exchange exchange) {
    StringBuilder text = new StringBuilder();
    for (Piece piece : pieces) {
      String value = value(piece, exchange).orElse("-");
      text.append(CONTROL.matcher(value).replaceAll("?"));
    }
    return text.toString();
  }

  /** Writes the text; what has no value is left out. */
  void write(ByteWriter out, Exchange exchange, boolean json) {
    for (Piece piece : pieces) {
      switch (piece) {
        case Piece.Literal literal -> out.text(literal.text);
        case Piece.Place place -> {
          Optional<String> value = place.variable.value(exchange);
          if (value.isEmpty() && json && place.variable.isNumber()) {
            out.text("null");
          } else if (json) {
            out.escaped(value.orElse(""));
          } else {
            out.text(value.orElse(""));
          }
        }
      }
    }
  }

  @Override
  public String toString() {
    return source;
  }
}
