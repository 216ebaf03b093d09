// SPDX-License-Identifier: Apache-2.0
/**
 * The files that Weir is deployed with: read by their own tools, and run as processes on this
 * machine where the real thing would run containers.
 */
@NullMarked
package dev.weir.deploy;

import org.jspecify.annotations.NullMarked;
