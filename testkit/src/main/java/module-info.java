// SPDX-License-Identifier: Apache-2.0
/** What a store, a front end or an extension is tested with. */
module dev.weir.testkit {
  requires transitive dev.weir.core;
  requires transitive org.junit.jupiter.api;
  requires org.assertj.core;
  requires static org.jspecify;

  exports dev.weir.testkit;
}
