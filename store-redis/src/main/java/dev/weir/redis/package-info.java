// SPDX-License-Identifier: Apache-2.0
/** The store on Redis: single, Sentinel or Cluster, on Lettuce and Lua. */
@NullMarked
package dev.weir.redis;

import org.jspecify.annotations.NullMarked;
