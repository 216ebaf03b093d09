// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.policy.Fields;
import dev.weir.policy.InvalidFileException;
import dev.weir.policy.Node;
import dev.weir.redis.RedisOptions;
import dev.weir.server.identity.Identities.KeySettings;
import dev.weir.server.identity.InvalidKeys;
import dev.weir.server.identity.KeyFormat;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads who callers are, and where that is kept. */
final class IdentityReader {

  /** The formats of files that name users. */
  private enum Format {
    TIERS_JSON
  }

  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(30);

  private final Path file;

  /**
   * @param file the configuration, beside which the data folder is
   */
  IdentityReader(Path file) {
    this.file = file;
  }

  IdentitySettings read(Optional<Node> identities, Optional<Node> records) {
    RecordSettings where = records.flatMap(this::records).orElse(RecordSettings.DEFAULT);
    if (identities.isEmpty()) {
      return IdentitySettings.NONE.records(where);
    }
    Fields fields = identities.get().fields();
    KeyFormat format =
        fields
            .node("key-prefix")
            .flatMap(node -> node.convert(KeyFormat::new))
            .orElse(KeyFormat.DEFAULT);
    KeySettings keys = new KeySettings(format, Optional.empty());
    Optional<Node> secret = fields.node("secret");
    if (secret.flatMap(Node::text).filter(text -> !text.isEmpty()).isPresent()) {
      keys = secret(secret.get(), keys);
    }
    InvalidKeys.Settings invalid =
        fields
            .node("invalid-keys")
            .map(IdentityReader::invalidKeys)
            .orElse(InvalidKeys.Settings.DEFAULT);
    List<Path> files = new ArrayList<>();
    for (Node item : fields.items("files")) {
      file(item).ifPresent(files::add);
    }
    fields.done();
    IdentitySettings settings = new IdentitySettings(keys, invalid, where, files);
    try {
      settings.configured();
    } catch (InvalidFileException e) {
      e.problems().forEach(problem -> identities.get().report(problem.toString()));
    }
    return settings;
  }

  private Optional<Path> file(Node node) {
    Fields fields = node.fields();
    Optional<String> name = fields.required("file").flatMap(Node::text);
    fields.required("format").ifPresent(format -> format.choice(Format.class));
    fields.done();
    return name.map(text -> file.toAbsolutePath().resolveSibling(text).normalize());
  }

  /* What is wrong is told without the text, which is a secret. */
  private static KeySettings secret(Node node, KeySettings keys) {
    try {
      return keys.secret(node.text().orElse(""));
    } catch (IllegalArgumentException e) {
      node.report(String.valueOf(e.getMessage()));
      return keys;
    }
  }

  private static InvalidKeys.Settings invalidKeys(Node node) {
    InvalidKeys.Settings other = InvalidKeys.Settings.DEFAULT;
    Fields fields = node.fields();
    long limit = fields.integer("limit", 1, 10_000).orElse(other.limit());
    Duration window = fields.duration("window", SHORTEST, LONGEST).orElse(other.window());
    Duration ban = fields.duration("ban", SHORTEST, LONGEST).orElse(other.ban());
    fields.done();
    return new InvalidKeys.Settings(limit, window, ban);
  }

  private Optional<RecordSettings> records(Node node) {
    Fields fields = node.fields();
    Optional<Path> dataDir =
        fields
            .text("data-dir")
            .filter(text -> !text.isEmpty())
            .map(text -> file.toAbsolutePath().resolveSibling(text).normalize());
    Optional<RedisOptions> redis =
        fields.node("redis").flatMap(new StoreReader(file, Optional.empty())::redis);
    fields.done();
    return node.attempt(() -> Optional.of(new RecordSettings(dataDir, redis)));
  }
}
