// SPDX-License-Identifier: Apache-2.0
/** Envoy's rate limit service over gRPC. */
@NullMarked
package dev.weir.server.rls;

import org.jspecify.annotations.NullMarked;
