// SPDX-License-Identifier: Apache-2.0
/** Serves the pages of the dashboard. They are public; what they show is asked with a token. */
@NullMarked
package dev.weir.server.dashboard;

import org.jspecify.annotations.NullMarked;
