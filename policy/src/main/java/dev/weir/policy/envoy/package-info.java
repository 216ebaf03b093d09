// SPDX-License-Identifier: Apache-2.0
/** The rules of the Envoy rate limit service, read as policies. */
@NullMarked
package dev.weir.policy.envoy;

import org.jspecify.annotations.NullMarked;
