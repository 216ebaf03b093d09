// SPDX-License-Identifier: Apache-2.0
/** What the process tells of itself in numbers. Knows no other package of the server. */
@NullMarked
package dev.weir.server.metrics;

import org.jspecify.annotations.NullMarked;
