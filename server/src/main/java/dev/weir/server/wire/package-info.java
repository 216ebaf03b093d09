// SPDX-License-Identifier: Apache-2.0

/** What the front ends that speak HTTP share: answers, problems, rate limit fields, bodies. */
@NullMarked
package dev.weir.server.wire;

import org.jspecify.annotations.NullMarked;
