// SPDX-License-Identifier: Apache-2.0
package dev.weir.integration;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A suite or test that needs programs from the {@code PATH}. Where one is missing it does not run,
 * and the closing report of the test command names it; with {@code WEIR_TEST_REQUIRE=all} in the
 * environment it fails instead.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(RequiresProgramCondition.class)
@interface RequiresProgram {
  /** The programs, each by the name of its executable. */
  String[] value();
}
