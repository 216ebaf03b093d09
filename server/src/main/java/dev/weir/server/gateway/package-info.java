// SPDX-License-Identifier: Apache-2.0
/** The gateway in front of an HTTP service. */
@NullMarked
package dev.weir.server.gateway;

import org.jspecify.annotations.NullMarked;
