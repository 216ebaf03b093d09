// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

/** The choice among the lanes to one server. */
final class Lanes {

  private Lanes() {}

  /** The lane of the calling event loop; for other threads one by the key, so that equals meet. */
  static Lane pick(Lane[] lanes, RedisKey key) {
    if (lanes.length == 1) {
      return lanes[0];
    }
    for (Lane lane : lanes) {
      if (lane.loop().inEventLoop()) {
        return lane;
      }
    }
    return lanes[Math.floorMod(key.hash, lanes.length)];
  }
}
