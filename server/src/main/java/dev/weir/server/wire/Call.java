// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.wire;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A request and the answer to it, whether they travel through the HTTP codec or beside it. Used by
 * one event loop.
 */
public interface Call {

  String method();

  /** The request's target as it was sent: a path, perhaps with a query. */
  String target();

  /** The first field of this name. */
  @Nullable String header(String name);

  /** Every field of this name, in order. */
  List<String> headers(String name);

  /** The address at the other end of the connection. */
  String peer();

  void status(int status);

  /** Sets a field of the answer. */
  void field(CharSequence name, CharSequence value);

  /** Whether the answer has a {@code Content-Type}. */
  boolean hasContentType();

  /** Ends the answer without a body. */
  void end();

  /** Ends the answer with what was written, which may be written over afterwards. */
  void end(ByteWriter body);

  /**
   * Goes on when a stage is complete, on the event loop of the call. What {@code next} throws is
   * answered as a fault of the server.
   *
   * @param next takes the stage's value, or why there is none
   */
  <T> void await(CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> next);

  /** A problem takes the place of whatever was begun. */
  void failed(Problem problem);

  /** Answers a problem with the fields that are set. */
  default void problem(Problem problem) {
    status(problem.status());
    field("content-type", Problem.MEDIA_TYPE);
    end(new ByteWriter().raw(problem.toBytes()));
  }
}
