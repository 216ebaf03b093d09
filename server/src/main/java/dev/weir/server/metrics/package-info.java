// SPDX-License-Identifier: Apache-2.0
/** What the process tells of itself in numbers. Knows of the server only what front ends share. */
@NullMarked
package dev.weir.server.metrics;

import org.jspecify.annotations.NullMarked;
