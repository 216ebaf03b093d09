// SPDX-License-Identifier: Apache-2.0
/** The examples of the documents, as they stand there. */
@NullMarked
package dev.weir.examples;

import org.jspecify.annotations.NullMarked;
