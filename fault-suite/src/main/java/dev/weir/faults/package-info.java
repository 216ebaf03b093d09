// SPDX-License-Identifier: Apache-2.0
/** What is promised while Redis fails, held against real processes that do. */
@NullMarked
package dev.weir.faults;

import org.jspecify.annotations.NullMarked;
