// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

import java.util.ArrayList;
import java.util.List;

/**
 * A {@code RateLimitRequest} as it was sent. Numbers are as unsigned as the protocol's.
 *
 * @param domain empty if it was left out
 * @param hits what each descriptor takes that does not say so itself; 0 if it was left out
 * @param descriptors in their order
 */
record Query(String domain, long hits, List<Asked> descriptors) {

  /**
   * One descriptor.
   *
   * @param entries keys and values in turn
   * @param hitsGiven whether it says itself what it takes
   * @param hits what it takes, if it says so; below 0 if beyond 2<sup>63</sup>
   * @param negative whether it gives back instead
   * @param override whether it brings a limit
   * @param requestsPerUnit of that limit
   * @param unit of that limit, by its number
   */
  record Asked(
      List<String> entries,
      boolean hitsGiven,
      long hits,
      boolean negative,
      boolean override,
      long requestsPerUnit,
      int unit) {}

  private static final int DOMAIN = 1 << 3 | ProtoReader.BYTES;
  private static final int DESCRIPTORS = 2 << 3 | ProtoReader.BYTES;
  private static final int HITS = 3 << 3;
  private static final int ENTRIES = 1 << 3 | ProtoReader.BYTES;
  private static final int LIMIT = 2 << 3 | ProtoReader.BYTES;
  private static final int OWN_HITS = 3 << 3 | ProtoReader.BYTES;
  private static final int NEGATIVE = 4 << 3;
  private static final int KEY = 1 << 3 | ProtoReader.BYTES;
  private static final int VALUE = 2 << 3 | ProtoReader.BYTES;
  private static final int REQUESTS_PER_UNIT = 1 << 3;
  private static final int UNIT = 2 << 3;
  private static final int WRAPPED = 1 << 3;

  /** Most descriptors of a query; no check judges more. */
  static final int MAX_DESCRIPTORS = 1_000;

  /**
   * Reads one from the reader's message.
   *
   * @throws MalformedMessage if it is none
   * @throws IllegalArgumentException if it has too many descriptors
   */
  static Query read(ProtoReader in) {
    String domain = "";
    long hits = 0;
    List<Asked> descriptors = new ArrayList<>(2);
    while (in.more()) {
      int tag = in.tag();
      switch (tag) {
        case DOMAIN -> domain = in.interned();
        case DESCRIPTORS -> {
          if (descriptors.size() == MAX_DESCRIPTORS) {
            throw new IllegalArgumentException(
                "descriptors: more than "
                    + MAX_DESCRIPTORS
                    + " (expected: 1.."
                    + MAX_DESCRIPTORS
                    + ")");
          }
          int outside = in.enter();
          descriptors.add(descriptor(in));
          in.leave(outside);
        }
        case HITS -> hits = in.unsigned();
        default -> in.skip(tag);
      }
    }
    return new Query(domain, hits, descriptors);
  }

  private static Asked descriptor(ProtoReader in) {
    List<String> entries = new ArrayList<>(4);
    boolean hitsGiven = false;
    long hits = 0;
    boolean negative = false;
    boolean override = false;
    long requestsPerUnit = 0;
    int unit = 0;
    while (in.more()) {
      int tag = in.tag();
      switch (tag) {
        case ENTRIES -> {
          int outside = in.enter();
          entry(in, entries);
          in.leave(outside);
        }
        case LIMIT -> {
          override = true;
          int outside = in.enter();
          while (in.more()) {
            int inner = in.tag();
            switch (inner) {
              case REQUESTS_PER_UNIT -> requestsPerUnit = in.unsigned();
              case UNIT -> unit = (int) in.unsigned();
              default -> in.skip(inner);
            }
          }
          in.leave(outside);
        }
        case OWN_HITS -> {
          hitsGiven = true;
          int outside = in.enter();
          while (in.more()) {
            int inner = in.tag();
            if (inner == WRAPPED) {
              hits = in.varint();
            } else {
              in.skip(inner);
            }
          }
          in.leave(outside);
        }
        case NEGATIVE -> negative = in.varint() != 0;
        default -> in.skip(tag);
      }
    }
    return new Asked(entries, hitsGiven, hits, negative, override, requestsPerUnit, unit);
  }

  private static void entry(ProtoReader in, List<String> entries) {
    String key = "";
    String value = "";
    while (in.more()) {
      int tag = in.tag();
      switch (tag) {
        case KEY -> key = in.interned();
        case VALUE -> value = in.text();
        default -> in.skip(tag);
      }
    }
    entries.add(key);
    entries.add(value);
  }
}
