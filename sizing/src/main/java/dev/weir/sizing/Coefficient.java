// SPDX-License-Identifier: Apache-2.0
package dev.weir.sizing;

import java.util.Locale;

/** A number of the model that was measured. */
public enum Coefficient {
  INSTANCE_GRPC("µs", "of an instance's processor for a gRPC call"),
  INSTANCE_HTTP("µs", "of an instance's processor for an HTTP request"),
  INSTANCE_CHECK("µs", "of an instance's processor for each check in a request"),
  INSTANCE_LIMIT("µs", "of an instance's processor for each further limit of a check"),
  INSTANCE_STORE("µs", "of an instance's processor for a check that goes to Redis"),
  INSTANCE_PURCHASE("µs", "of an instance's processor to buy or give back leased permits"),
  INSTANCE_ROUND("µs", "of an instance's processor to write to and read from a shard"),
  INSTANCE_WAKE("µs", "of an instance's processor more for an answer that finds it asleep"),
  REDIS_CHECK("µs", "of Redis's processor for a check of one limit"),
  REDIS_LIMIT("µs", "of Redis's processor for each further limit of a check"),
  REDIS_PURCHASE("µs", "of Redis's processor to sell or take back leased permits"),
  REDIS_ROUND("µs", "of Redis's processor for a script call, read and answered"),
  REDIS_BUYING("µs", "of Redis's processor more for a round with purchases"),
  REDIS_WAKE("µs", "of Redis's processor more for a round that finds it asleep"),
  BYTES_GRPC("bytes", "between client and instance for a gRPC call, both ways"),
  BYTES_HTTP("bytes", "between client and instance for an HTTP request, both ways"),
  BYTES_CHECK("bytes", "between client and instance for each check in a request"),
  BYTES_STORE("bytes", "between instance and Redis for a check or purchase, both ways"),
  BYTES_ROUND("bytes", "between instance and Redis for a script call, both ways"),
  MEMORY_KEY("bytes", "of Redis's memory for a key, the name of 12 bytes included"),
  MEMORY_LIMIT("bytes", "of Redis's memory for each further limit of a key"),
  MEMORY_CLUSTER("bytes", "of Redis's memory for a key more in a cluster"),
  LEASE_PURCHASES("", "purchases and returns in a lease's lifetime, for a key and instance"),
  GATHERING("", "checks in a round for each in flight between an event loop and a shard"),
  GATHERING_PURCHASES("", "further purchases in a round for each purchase in flight there"),
  INSTANCE_IDLE("µs a second", "of the processor for an instance that nobody asks"),
  REDIS_IDLE("µs a second", "of a shard's processor for itself"),
  REDIS_INSTANCE("µs a second", "of a shard's processor for each instance that nobody asks");

  private final String unit;
  private final String meaning;

  Coefficient(String unit, String meaning) {
    this.unit = unit;
    this.meaning = meaning;
  }

  /** Its name in files and documents, such as {@code redis.call}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '.');
  }

  /** Its unit; empty for a plain number. */
  public String unit() {
    return unit;
  }

  /** What it is a measure of. */
  public String meaning() {
    return meaning;
  }
}
