// SPDX-License-Identifier: Apache-2.0
/** What a store, a front end or an extension is tested with. */
@NullMarked
package dev.weir.testkit;

import org.jspecify.annotations.NullMarked;
