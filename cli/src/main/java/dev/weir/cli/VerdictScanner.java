// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

/** Counts {@code "allowed":true} and {@code "allowed":false} in a body that arrives in pieces. */
final class VerdictScanner {

  private static final byte[] MARK = {'"', 'a', 'l', 'l', 'o', 'w', 'e', 'd', '"', ':'};

  private int matched;
  private int allowed;
  private int denied;

  void start() {
    matched = 0;
    allowed = 0;
    denied = 0;
  }

  void feed(byte[] bytes, int from, int to) {
    int at = matched;
    for (int i = from; i < to; i++) {
      byte b = bytes[i];
      if (at == MARK.length) {
        if (b == ' ') {
          continue;
        }
        if (b == 't') {
          allowed++;
        } else if (b == 'f') {
          denied++;
        }
        at = 0;
      }
      if (b == MARK[at]) {
        at++;
      } else {
        at = b == MARK[0] ? 1 : 0;
      }
    }
    matched = at;
  }

  int allowed() {
    return allowed;
  }

  int denied() {
    return denied;
  }
}
