// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static java.util.Objects.requireNonNull;

import dev.weir.policy.FileWatcher;
import dev.weir.policy.InvalidFileException;
import dev.weir.policy.PolicyCatalog;
import dev.weir.policy.Problem;
import dev.weir.server.admin.AdminSettings;
import dev.weir.server.identity.Configured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a configuration that are followed while the server runs: those of policies, and
 * those that name users and keys, and who may administer. What is wrong is refused whole, and what
 * was said before stays (R21).
 */
final class FollowedFiles implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FollowedFiles.class);

  private final Configuration configuration;
  private final Predicate<PolicyCatalog> policies;
  private final Consumer<Configured> identities;
  private final Consumer<AdminSettings> administrators;
  // Whether there have been any policies, or somebody wanted none.
  private volatile boolean loaded;
  private final List<FileWatcher<?>> watchers = new CopyOnWriteArrayList<>();

  /**
   * @param policies takes what the files say of policies; whether that is in force
   * @param identities takes what the files say of users and keys
   * @param administrators takes what the configuration says of who may administer
   */
  FollowedFiles(
      Configuration configuration,
      Predicate<PolicyCatalog> policies,
      Consumer<Configured> identities,
      Consumer<AdminSettings> administrators) {
    this.configuration = requireNonNull(configuration, "configuration");
    this.loaded = configuration.policies().loaded();
    this.policies = requireNonNull(policies, "policies");
    this.identities = requireNonNull(identities, "identities");
    this.administrators = requireNonNull(administrators, "administrators");
  }

  /** Follows them from now on. */
  void follow() {
    configuration.file().ifPresent(this::followConfiguration);
    configuration.policyFiles().forEach(this::followPolicies);
    for (Path file : configuration.identities().files()) {
      follow(
          file,
          text -> configuration.identities().configured(),
          new Changes<>("the users before stay", configured -> identities(file, configured)));
    }
  }

  /**
   * Takes what they say now; blocks.
   *
   * @throws dev.weir.policy.InvalidFileException if one cannot be used; what was in force stays
   */
  void reload() {
    Configuration.Again again = configuration.again();
    Configured configured = configuration.identities().configured();
    boolean inForce = policies.test(again.catalog());
    identities.accept(configured);
    again.administrators().ifPresent(administrators);
    LOG.info(
        "files read again: {}, policies {}", configured, inForce ? "in force" : "not in force");
  }

  private void followConfiguration(Path file) {
    follow(
        file,
        text -> again(file),
        new Changes<>(
            "the policies before stay in force, and the administrators",
            again -> {
              again.administrators().ifPresent(administrators);
              policies(file, again.catalog());
            }));
  }

  /* Any of the files says that something changed; what all of them say is read together. */
  private void followPolicies(Path file) {
    follow(
        file,
        text -> again(file).catalog(),
        new Changes<>("the policies before stay in force", catalog -> policies(file, catalog)));
  }

  /* Nothing where something was is a mistake, or half of a change. */
  private Configuration.Again again(Path file) {
    Configuration.Again again = configuration.again();
    boolean now = again.catalog().in(PolicyCatalog.NORMAL).loaded();
    if (loaded && !now) {
      throw new InvalidFileException(
          List.of(new Problem(file.toString(), 1, 1, "", "no rate limit configuration")));
    }
    loaded = now;
    return again;
  }

  private void policies(Path file, PolicyCatalog catalog) {
    int count = catalog.in(PolicyCatalog.NORMAL).policies().size();
    String counted = count == 1 ? "1 policy" : count + " policies";
    if (policies.test(catalog)) {
      LOG.info("{}: {} in force", file, counted);
    } else {
      LOG.info("{}: {}, not in force while others are put before them", file, counted);
    }
  }

  private void identities(Path file, Configured configured) {
    identities.accept(configured);
    LOG.info("{}: {}", file, configured);
  }

  private <T> void follow(Path file, Function<String, T> reader, Changes<T> changes) {
    try {
      watchers.add(FileWatcher.open(file, reader, changes).start(FileWatcher.INTERVAL));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes what a file says if it is right, and tells what is wrong if not. */
  private record Changes<T>(String otherwise, Consumer<T> taken)
      implements FileWatcher.Listener<T> {
    @Override
    public void changed(T value) {
      taken.accept(value);
    }

    @Override
    public void refused(List<Problem> problems) {
      for (Problem problem : problems) {
        LOG.error("refused, {}: {}", otherwise, problem);
      }
    }
  }

  @Override
  public void close() {
    watchers.forEach(FileWatcher::close);
  }
}
