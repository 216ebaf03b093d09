// SPDX-License-Identifier: Apache-2.0
/** The Redis protocol: rate limiting for whatever has a Redis client. */
@NullMarked
package dev.weir.server.resp;

import org.jspecify.annotations.NullMarked;
