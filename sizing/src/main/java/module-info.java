// SPDX-License-Identifier: Apache-2.0
/** How many instances and shards of Redis a load takes. */
module dev.weir.sizing {
  requires static org.jspecify;

  exports dev.weir.sizing;
}
