// SPDX-License-Identifier: Apache-2.0
/** The weir program and its commands. */
@NullMarked
package dev.weir.cli;

import org.jspecify.annotations.NullMarked;
