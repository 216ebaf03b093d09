// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Decides on {@link RequiresProgram} and records what did not run. */
final class RequiresProgramCondition implements ExecutionCondition {
  /** The folder whose files list, a line each, the suites that did not run. */
  static final String NOT_RUN_PROPERTY = "weir.notRun";

  private final Map<String, String> environment;

  RequiresProgramCondition() {
    this(System.getenv());
  }

  RequiresProgramCondition(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Optional<RequiresProgram> required =
        AnnotationSupport.findAnnotation(context.getElement(), RequiresProgram.class);
    if (required.isEmpty()) {
      return ConditionEvaluationResult.enabled("needs no program");
    }
    List<String> missing =
        Arrays.stream(required.get().value()).filter(program -> !isPresent(program)).toList();
    if (missing.isEmpty()) {
      return ConditionEvaluationResult.enabled("every program is present");
    }
    String reason = String.join(", ", missing) + " not found";
    if ("all".equals(environment.get("WEIR_TEST_REQUIRE"))) {
      throw new ExtensionConfigurationException(
          context.getDisplayName() + ": " + reason + " (expected: present, WEIR_TEST_REQUIRE=all)");
    }
    record(context, context.getDisplayName() + " (" + reason + ")");
    return ConditionEvaluationResult.disabled(reason);
  }

  /** Whether an executable of this name is on the path, or where Debian keeps servers. */
  boolean isPresent(String program) {
    String path = environment.getOrDefault("PATH", "") + File.pathSeparator + "/usr/sbin";
    return Arrays.stream(path.split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, program))
        .anyMatch(file -> Files.isExecutable(file) && !Files.isDirectory(file));
  }

  private static void record(ExtensionContext context, String line) {
    String folder = System.getProperty(NOT_RUN_PROPERTY);
    if (folder == null) {
      return;
    }
    try {
      Path file = Path.of(folder, context.getRequiredTestClass().getName());
      Files.createDirectories(file.getParent());
      Files.writeString(
          file, line + "\n", UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
