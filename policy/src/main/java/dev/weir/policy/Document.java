// SPDX-License-Identifier: Apache-2.0
package dev.weir.policy;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * Reads YAML 1.2, and JSON as the part of it that it is, into a tree of {@link Node}s.
 *
 * <p>Texts may refer to the environment, {@code ${NAME}} or {@code ${NAME:-default}}. Everything is
 * bounded: {@value #MAX_BYTES} bytes, {@value #MAX_DEPTH} levels, {@value #MAX_VALUES} values and
 * {@value #MAX_COPIES} more by aliases. A key that comes twice is a problem; so are tags and a
 * second document.
 */
public final class Document {

  /** Largest file, in bytes. */
  public static final int MAX_BYTES = 16 * 1024 * 1024;

  static final int MAX_DEPTH = 50;
  static final int MAX_VALUES = 2_000_000;
  static final int MAX_COPIES = 100_000;

  /** A value as it stands in the file, from which nodes are made, once for each alias of it. */
  private sealed interface Raw {
    int line();

    int column();

    record Text(int line, int column, String text, boolean plain) implements Raw {}

    record Items(int line, int column, List<Raw> items) implements Raw {}

    record Pairs(int line, int column, List<Pair> pairs) implements Raw {}

    record Pair(Text key, Raw value) {}
  }

  /** Ends the reading of a file that cannot be read on; its problem is noted. */
  private static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unreadable() {
      super("unreadable", null, false, false);
    }
  }

  private final Node.Origin origin;
  // Null leaves texts as they are.
  private final @Nullable Function<String, Optional<String>> environment;
  private final Map<String, Raw> anchors = new HashMap<>();
  private int values;
  private int nodes;

  private Document(Node.Origin origin, @Nullable Function<String, Optional<String>> environment) {
    this.origin = origin;
    this.environment = environment;
  }

  /**
   * Reads a text.
   *
   * @param file the file's name, for problems
   * @param text YAML or JSON
   * @param environment the values of variables
   * @param problems where problems go, those of the nodes included
   * @return the root; empty if the text is no document
   */
  public static Optional<Node> read(
      String file, String text, Function<String, Optional<String>> environment, Problems problems) {
    return read(file, text, problems, requireNonNull(environment, "environment"));
  }

  /**
   * Reads a text of another program, in which dollar signs and braces mean nothing.
   *
   * @param file the file's name, for problems
   * @param text YAML or JSON
   * @param problems where problems go, those of the nodes included
   * @return the root; empty if the text is no document
   */
  public static Optional<Node> literal(String file, String text, Problems problems) {
    return read(file, text, problems, null);
  }

  private static Optional<Node> read(
      String file,
      String text,
      Problems problems,
      @Nullable Function<String, Optional<String>> environment) {
    Node.Origin origin = new Node.Origin(requireNonNull(file, "file"), problems);
    Document document = new Document(origin, environment);
    try {
      return document.root(requireNonNull(text, "text"));
    } catch (Unreadable e) {
      return Optional.empty();
    }
  }

  /**
   * The text of a file, which must be UTF-8.
   *
   * @throws IOException if it cannot be read
   * @throws InvalidFileException if it is too large or not UTF-8
   */
  public static String text(Path file) throws IOException {
    byte[] bytes;
    try (var in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    }
    if (bytes.length > MAX_BYTES) {
      throw invalid(file, "more than " + MAX_BYTES + " bytes (expected: at most that)");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw invalid(file, "bytes that are no text (expected: UTF-8)");
    }
  }

  private static InvalidFileException invalid(Path file, String message) {
    return new InvalidFileException(List.of(new Problem(file.toString(), 1, 1, "", message)));
  }

  private Optional<Node> root(String text) {
    String clean = text.startsWith("\uFEFF") ? text.substring(1) : text;
    if (clean.length() > MAX_BYTES) {
      throw unreadable(1, 1, "more than " + MAX_BYTES + " characters (expected: at most that)");
    }
    int half = halfCharacter(clean);
    if (half >= 0) {
      // The reader refuses most of them, and ends with a fault of its own at the end of its buffer.
      int[] at = lineAndColumn(clean, half);
      throw unreadable(at[0], at[1], "half of a character (expected: text)");
    }
    LoadSettings settings =
        LoadSettings.builder().setLabel(origin.file()).setCodePointLimit(MAX_BYTES + 1).build();
    try {
      Iterator<Event> events = new ParserImpl(settings, new StreamReader(settings, spaced(clean)));
      Raw root = first(events);
      return root == null ? Optional.empty() : Optional.of(node(root, null, "", 1));
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
      int line = mark.map(Mark::getLine).orElse(0) + 1;
      int column = mark.map(Mark::getColumn).orElse(0) + 1;
      String context = e.getContext() == null ? "" : " " + e.getContext();
      throw unreadable(line, column, (e.getProblem() + context).strip().replace('\n', ' '));
    } catch (ReaderException e) {
      int[] at = lineAndColumn(clean, e.getPosition());
      throw unreadable(
          at[0], at[1], "a control character (expected: text; \\u escapes within quotes)");
    } catch (YamlEngineException e) {
      throw unreadable(1, 1, String.valueOf(e.getMessage()).replace('\n', ' '));
    }
  }

  /** Where the first surrogate without its other half is; less than 0 if there is none. */
  private static int halfCharacter(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (Character.charCount(text.codePointAt(i)) == 1) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }

  /**
   * JSON allows tabs between values and YAML does not allow them to begin a line, so those of a
   * text that begins like JSON become spaces.
   */
  private static String spaced(String text) {
    String start = text.stripLeading();
    if (text.indexOf('\t') < 0 || !(start.startsWith("{") || start.startsWith("["))) {
      return text;
    }
    StringBuilder spaced = new StringBuilder(text);
    boolean quoted = false;
    for (int i = 0; i < spaced.length(); i++) {
      char c = spaced.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == '\\' && quoted) {
        i++;
      } else if (c == '\t' && !quoted) {
        spaced.setCharAt(i, ' ');
      }
    }
    return spaced.toString();
  }

  private @Nullable Raw first(Iterator<Event> events) {
    Raw root = null;
    while (events.hasNext()) {
      Event event = events.next();
      if (event instanceof NodeEvent) {
        if (root != null) {
          throw unreadable(event, "a second document (expected: one)");
        }
        root = raw(event, events, 1);
      }
    }
    if (root == null) {
      throw unreadable(1, 1, "nothing (expected: a document)");
    }
    return root;
  }

  private Raw raw(Event event, Iterator<Event> events, int depth) {
    if (depth > MAX_DEPTH) {
      throw unreadable(event, "more than " + MAX_DEPTH + " levels (expected: at most that)");
    }
    if (event instanceof AliasEvent alias) {
      String name = alias.getAlias().getValue();
      Raw target = anchors.get(name);
      if (target == null) {
        throw unreadable(event, "*" + name + " (expected: an anchor before it, &" + name + ")");
      }
      return target;
    }
    if (++values > MAX_VALUES) {
      throw unreadable(event, "more than " + MAX_VALUES + " values (expected: at most that)");
    }
    Raw raw = event instanceof ScalarEvent scalar ? text(scalar) : collection(event, events, depth);
    if (event instanceof NodeEvent node) {
      node.getAnchor().ifPresent(anchor -> anchors.put(anchor.getValue(), raw));
    }
    return raw;
  }

  private Raw.Text text(ScalarEvent event) {
    checkTag(event, event.getTag());
    boolean plain = event.getScalarStyle() == ScalarStyle.PLAIN;
    return new Raw.Text(line(event), column(event), event.getValue(), plain);
  }

  private Raw collection(Event start, Iterator<Event> events, int depth) {
    checkTag(start, ((CollectionStartEvent) start).getTag());
    if (start.getEventId() == Event.ID.SequenceStart) {
      List<Raw> items = new ArrayList<>();
      Event event = events.next();
      while (event.getEventId() != Event.ID.SequenceEnd) {
        items.add(raw(event, events, depth + 1));
        event = events.next();
      }
      return new Raw.Items(line(start), column(start), items);
    }
    List<Raw.Pair> pairs = new ArrayList<>();
    Event event = events.next();
    while (event.getEventId() != Event.ID.MappingEnd) {
      if (!(raw(event, events, depth + 1) instanceof Raw.Text key)) {
        throw unreadable(event, "a key that is no text (expected: a text)");
      }
      pairs.add(new Raw.Pair(key, raw(events.next(), events, depth + 1)));
      event = events.next();
    }
    return new Raw.Pairs(line(start), column(start), pairs);
  }

  private void checkTag(Event event, Optional<String> tag) {
    if (tag.isPresent()) {
      throw unreadable(event, "the tag " + tag.get() + " (expected: no tag)");
    }
  }

  private Node node(Raw raw, @Nullable Node parent, String step, int depth) {
    if (depth > MAX_DEPTH) {
      throw unreadable(
          raw.line(), raw.column(), "more than " + MAX_DEPTH + " levels (expected: at most that)");
    }
    if (++nodes > values + MAX_COPIES) {
      throw unreadable(
          raw.line(),
          raw.column(),
          "more than " + MAX_COPIES + " values by aliases (expected: at most that)");
    }
    Node.Place place = new Node.Place(origin, parent, step, raw.line(), raw.column());
    return switch (raw) {
      case Raw.Text text -> scalar(place, text);
      case Raw.Items sequence -> {
        List<Node> items = new ArrayList<>(sequence.items.size());
        Node node = Node.sequence(place, items);
        for (Raw item : sequence.items) {
          items.add(node(item, node, "[" + items.size() + "]", depth + 1));
        }
        yield node;
      }
      case Raw.Pairs mapping -> {
        Map<String, Node> fields = new LinkedHashMap<>();
        Node node = Node.mapping(place, fields);
        for (Raw.Pair pair : mapping.pairs) {
          add(fields, node, pair, depth + 1);
        }
        yield node;
      }
    };
  }

  private void add(Map<String, Node> fields, Node node, Raw.Pair pair, int depth) {
    Node value = node(pair.value, node, pair.key.text, depth);
    Node first = fields.putIfAbsent(pair.key.text, value);
    if (first != null) {
      Node.Place place =
          new Node.Place(origin, node, pair.key.text, pair.key.line, pair.key.column);
      Node.nothing(place)
          .report("a second time (expected: once; first on line " + first.line() + ")");
    }
  }

  private Node scalar(Node.Place place, Raw.Text text) {
    if (text.plain && text.text.matches("|~|null|Null|NULL")) {
      return Node.nothing(place);
    }
    if (environment == null) {
      return Node.scalar(place, text.text);
    }
    try {
      return Node.scalar(place, Variables.replace(text.text, environment));
    } catch (IllegalArgumentException e) {
      Node.scalar(place, text.text)
          .convert(
              value -> {
                throw e;
              });
      return Node.broken(place, text.text);
    }
  }

  private static int line(Event event) {
    return event.getStartMark().map(Mark::getLine).orElse(0) + 1;
  }

  private static int column(Event event) {
    return event.getStartMark().map(Mark::getColumn).orElse(0) + 1;
  }

  private static int[] lineAndColumn(String text, int position) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < Math.min(position, text.length()); i++) {
      column = text.charAt(i) == '\n' ? 1 : column + 1;
      line += text.charAt(i) == '\n' ? 1 : 0;
    }
    return new int[] {line, column};
  }

  private Unreadable unreadable(Event event, String message) {
    return unreadable(line(event), column(event), message);
  }

  private Unreadable unreadable(int line, int column, String message) {
    origin.problems().add(new Problem(origin.file(), line, column, "", message));
    return new Unreadable();
  }
}
