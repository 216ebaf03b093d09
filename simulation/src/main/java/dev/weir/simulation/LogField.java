// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

/** One value that lines of a log may have, made by {@link LogFields#field}. Immutable. */
public final class LogField {

  /** What of a field is meant. */
  enum Part {
    WHOLE,
    /** The path of a target: no query, and neither scheme nor host. */
    PATH,
    /** The query of a target. */
    QUERY,
    /** The first parameter of a name in the query of a target, as it was sent. */
    PARAMETER
  }

  private final String name;
  private final Part part;
  private final int slot;
  private final String parameter;

  LogField(String name, Part part, int slot, String parameter) {
    this.name = name;
    this.part = part;
    this.slot = slot;
    this.parameter = parameter;
  }

  /** As it was asked for. */
  public String name() {
    return name;
  }

  Part part() {
    return part;
  }

  /** Where a record keeps the field. */
  int slot() {
    return slot;
  }

  /** The parameter's name, if that is what is meant. */
  String parameter() {
    return parameter;
  }

  @Override
  public String toString() {
    return name;
  }
}
