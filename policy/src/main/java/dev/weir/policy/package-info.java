// SPDX-License-Identifier: Apache-2.0
/** Policy files in YAML and JSON: read, checked and written. */
@NullMarked
package dev.weir.policy;

import org.jspecify.annotations.NullMarked;
