// SPDX-License-Identifier: Apache-2.0
/**
 * The administration API: users and keys, counters, bans, policies, load states and the audit
 * trail, behind tokens with roles.
 */
@NullMarked
package dev.weir.server.admin;

import org.jspecify.annotations.NullMarked;
