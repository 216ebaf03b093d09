// SPDX-License-Identifier: Apache-2.0
/** Who callers are: users, their API keys, and addresses that are banned. */
@NullMarked
package dev.weir.server.identity;

import org.jspecify.annotations.NullMarked;
