// SPDX-License-Identifier: Apache-2.0
/** The files of the dashboard: pages for a browser that talk to the administration API. */
@NullMarked
package dev.weir.dashboard;

import org.jspecify.annotations.NullMarked;
