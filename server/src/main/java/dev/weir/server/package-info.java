// SPDX-License-Identifier: Apache-2.0
/** The server process: its configuration and its life. */
@NullMarked
package dev.weir.server;

import org.jspecify.annotations.NullMarked;
