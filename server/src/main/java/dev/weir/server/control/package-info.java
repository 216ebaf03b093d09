// SPDX-License-Identifier: Apache-2.0
/** What every instance does alike: the load state that it is in, and the policies in force. */
@NullMarked
package dev.weir.server.control;

import org.jspecify.annotations.NullMarked;
