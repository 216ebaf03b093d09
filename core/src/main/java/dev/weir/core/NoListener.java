// SPDX-License-Identifier: Apache-2.0
package dev.weir.core;

import java.util.List;

/** Ignores every decision; the engine recognises it and does not call it. */
enum NoListener implements DecisionListener {
  INSTANCE;

  @Override
  public void onDecision(List<Descriptor> descriptors, Decision decision) {}
}
