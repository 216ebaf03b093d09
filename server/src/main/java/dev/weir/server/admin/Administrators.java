// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import static java.util.Objects.requireNonNull;

import dev.weir.core.TimeSource;
import dev.weir.records.AuditEntry;
import dev.weir.records.Change;
import dev.weir.records.RecordConflictException;
import dev.weir.records.RecordHealth;
import dev.weir.records.RecordKey;
import dev.weir.records.RecordStore;
import dev.weir.server.wire.BearerTokens;
import dev.weir.server.wire.Causes;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may administer: those of the configuration, or else whoever has the token that the first
 * start made. Safe for use by any thread.
 */
public final class Administrators {

  private static final Logger LOG = LoggerFactory.getLogger(Administrators.class);
  private static final RecordKey KEY = new RecordKey("administrator", "token");
  private static final String PREFIX = "weir_admin_";
  private static final int SECRET_BYTES = 32;

  private final RecordStore records;
  private final TimeSource time;
  private final Consumer<String> told;
  private final boolean named;

  /** Empty while the token that an earlier start made is not known yet. */
  private volatile Optional<BearerTokens<Administrator>> tokens = Optional.empty();

  private Administrators(
      boolean named, RecordStore records, TimeSource time, Consumer<String> told) {
    this.named = named;
    this.records = records;
    this.time = time;
    this.told = told;
  }

  /**
   * Those of a configuration. If it names nobody, {@link #make} has to be called.
   *
   * @param told takes the text that tells a token that was just made; it must not be logged
   */
  public static Administrators of(
      AdminSettings settings, RecordStore records, TimeSource time, Consumer<String> told) {
    Administrators all =
        new Administrators(
            !settings.tokens().isEmpty(),
            requireNonNull(records, "records"),
            requireNonNull(time, "time"),
            requireNonNull(told, "told"));
    if (!settings.tokens().isEmpty()) {
      all.tokens = Optional.of(new BearerTokens<>(settings.tokens()));
    }
    return all;
  }

  /**
   * Takes those of a configuration that has changed, in place of those that it named before; of one
   * that names nobody any more, nobody. A token that the first start made stays: what a
   * configuration names counts from a start on.
   */
  public void configure(AdminSettings settings) {
    if (named) {
      if (settings.tokens().isEmpty()) {
        LOG.warn("the configuration names no administrator any more: nobody is let in");
      }
      tokens = Optional.of(new BearerTokens<>(settings.tokens()));
    }
  }

  /** Whether it is known who may administer. */
  public boolean known() {
    return tokens.isPresent();
  }

  /** The token of a text, with whom it stands for; compares with each in constant time. */
  Optional<BearerTokens.Token<Administrator>> token(String text) {
    return tokens.flatMap(all -> all.token(text));
  }

  /** Their names and roles, as they are now; none while they are not known. */
  JsonArray shown() {
    JsonArray shown = new JsonArray();
    for (Administrator each : tokens.map(BearerTokens::grants).orElse(List.of())) {
      shown.add(
          new JsonObject()
              .put("name", each.name())
              .put("role", each.role().name().toLowerCase(Locale.ROOT)));
    }
    return shown;
  }

  /** Whether a token that was found once is still good, and for the same. */
  public boolean good(BearerTokens.Token<Administrator> once) {
    return tokens.isPresent() && tokens.get().has(once);
  }

  /**
   * Finds the token of an earlier start, or makes one and tells it.
   *
   * @return whether it is known now; the stage does not fail
   */
  public CompletionStage<Boolean> make() {
    if (records.health().kind() == RecordHealth.Kind.MEMORY) {
      // Every start makes one: what kept it would be gone as well.
      String text = random();
      accept(AdminSettings.token(text));
      tell(text, "This process keeps nothing: the next start makes another one.");
      return CompletableFuture.completedFuture(true);
    }
    return records
        .get(KEY)
        .thenCompose(
            found ->
                found.isPresent()
                    ? CompletableFuture.completedFuture(read(found.get().value()))
                    : create())
        .handle(
            (token, error) -> {
              if (error != null) {
                LOG.warn("the token of the administration is not known yet: {}", reason(error));
                return false;
              }
              accept(token);
              return true;
            });
  }

  private CompletionStage<BearerTokens.Token<Administrator>> create() {
    String text = random();
    BearerTokens.Token<Administrator> token = AdminSettings.token(text);
    String value =
        new JsonObject()
            .put("sha256", token.sha256())
            .put("created", time.micros() / 1_000)
            .encode();
    AuditEntry audit = new AuditEntry("weir", "administrator.create", KEY.id(), "", "");
    return records
        .change(List.of(Change.create(KEY, value)), Optional.of(audit))
        .thenApply(
            done -> {
              tell(text, "Only its SHA-256 is kept: it is not shown again.");
              return token;
            })
        .exceptionallyCompose(
            error ->
                // Another instance was first, and has told it.
                Causes.of(error) instanceof RecordConflictException
                    ? records.get(KEY).thenApply(found -> read(found.orElseThrow().value()))
                    : CompletableFuture.failedFuture(error));
  }

  private void accept(BearerTokens.Token<Administrator> token) {
    tokens = Optional.of(new BearerTokens<>(List.of(token)));
  }

  private static BearerTokens.Token<Administrator> read(String value) {
    return BearerTokens.Token.of(
        new JsonObject(value).getString("sha256", ""),
        new Administrator(AdminSettings.OWNER, Role.ADMIN));
  }

  private void tell(String token, String remark) {
    told.accept(
        """

        No administrator is configured (WEIR_ADMIN_TOKEN), so a token was made. It is shown once:

            %s

        %s

        """
            .formatted(token, remark));
  }

  private static String random() {
    byte[] secret = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(secret);
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
  }

  private static String reason(Throwable error) {
    return String.valueOf(Causes.of(error).getMessage());
  }
}
