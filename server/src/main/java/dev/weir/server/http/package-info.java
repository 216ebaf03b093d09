// SPDX-License-Identifier: Apache-2.0
/** The decision API over HTTP. */
@NullMarked
package dev.weir.server.http;

import org.jspecify.annotations.NullMarked;
