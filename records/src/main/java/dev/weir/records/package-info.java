// SPDX-License-Identifier: Apache-2.0
/**
 * What the server keeps besides counters: small JSON texts with a version, changed in atomic steps,
 * watched by every instance, and the trail of who changed what.
 */
@NullMarked
package dev.weir.records;

import org.jspecify.annotations.NullMarked;
