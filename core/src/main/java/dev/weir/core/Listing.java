// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

/** What a policy's lists say about a descriptor. */
enum Listing {
  /** Nothing: the limits decide. */
  NONE,
  /** On the allow list: nothing is charged. */
  ALLOWED,
  /** On the deny list: the check is denied. */
  DENIED
}
