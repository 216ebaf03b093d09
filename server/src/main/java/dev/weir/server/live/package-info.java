// SPDX-License-Identifier: Apache-2.0
/**
 * How an instance and its siblings are doing, second by second, read from counters that are there.
 */
@NullMarked
package dev.weir.server.live;

import org.jspecify.annotations.NullMarked;
