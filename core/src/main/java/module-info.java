// SPDX-License-Identifier: Apache-2.0
/** Limits, policies, the engine and the in-memory store; needs nothing but {@code java.base}. */
module dev.weir.core {
  requires static org.jspecify;

  exports dev.weir.core;
}
