// SPDX-License-Identifier: Apache-2.0
/** Weir from outside: the program as a process, and the rules between its modules. */
@NullMarked
package dev.weir.integration;

import org.jspecify.annotations.NullMarked;
