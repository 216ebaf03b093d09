// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.admin;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The process, as far as its administration sees and changes it. Safe for use by any thread. */
public interface Running {

  /**
   * How one part of the process is.
   *
   * @param name its name
   * @param error what is wrong with it; empty if nothing is
   * @param details more about it, without secrets
   */
  record Component(String name, String error, JsonObject details) {
    public Component {
      requireNonNull(name, "name");
      requireNonNull(error, "error");
      requireNonNull(details, "details");
    }
  }

  /** How each part is now. */
  List<Component> components();

  /** How every instance is that shares the state of limits; the stage does not fail. */
  CompletionStage<JsonObject> instances();

  /** The configuration in force, without secrets and without the administrators. */
  JsonObject configuration();

  /**
   * Reads the files of the configuration again and puts their policies in force; blocks.
   *
   * @throws dev.weir.policy.InvalidFileException if they cannot be used; what was in force stays
   */
  void reload();
}
