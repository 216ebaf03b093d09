// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.rls.api.RateLimitDescriptor;
import dev.weir.rls.api.RateLimitRequest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * What is asked of a service over gRPC.
 *
 * <p>{@code HOT} and {@code KEYS} ask Envoy's service for one descriptor, always the same or in
 * turn one of 1 000; {@code TEN} for ten of them; {@code CRAB_HOT} and {@code CRAB_KEYS} are the
 * questions of throttlecrab's own service.
 */
enum GrpcCalls {
  HOT(1, 1),
  KEYS(1_000, 1),
  TEN(1_000, 10),
  CRAB_HOT(1, 0),
  CRAB_KEYS(1_000, 0);

  private static final int HEAD = 5;

  private final int keys;
  private final int descriptors;

  GrpcCalls(int keys, int descriptors) {
    this.keys = keys;
    this.descriptors = descriptors;
  }

  String path() {
    return descriptors == 0
        ? "/throttlecrab.RateLimiter/Throttle"
        : "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit";
  }

  /** The messages in their frames, in the order in which they are sent again and again. */
  byte[][] messages() {
    Random random = new Random(42);
    byte[][] messages = new byte[keys][];
    for (int i = 0; i < keys; i++) {
      byte[] message = descriptors == 0 ? throttle(i) : question(i, random);
      messages[i] =
          ByteBuffer.allocate(HEAD + message.length)
              .put((byte) 0)
              .putInt(message.length)
              .put(message)
              .array();
    }
    return messages;
  }

  private byte[] question(int key, Random random) {
    RateLimitRequest.Builder request = RateLimitRequest.newBuilder().setDomain("bench");
    for (int i = 0; i < descriptors; i++) {
      int number = i == 0 ? key : random.nextInt(keys);
      request.addDescriptors(
          RateLimitDescriptor.newBuilder()
              .addEntries(
                  RateLimitDescriptor.Entry.newBuilder()
                      .setKey("key")
                      .setValue("user-%07d".formatted(number * descriptors + i))));
    }
    return request.build().toByteArray();
  }

  /* string key = 1; int32 max_burst = 2, count_per_period = 3, period = 4, quantity = 5. */
  private static byte[] throttle(int key) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] name = "user-%07d".formatted(key).getBytes(StandardCharsets.US_ASCII);
    out.write(1 << 3 | 2);
    out.write(name.length);
    out.writeBytes(name);
    number(out, 2, 1_000_000_000);
    number(out, 3, 1_000_000_000);
    number(out, 4, 60);
    number(out, 5, 1);
    return out.toByteArray();
  }

  private static void number(ByteArrayOutputStream out, int field, int value) {
    out.write(field << 3);
    int rest = value;
    while (rest > 0x7f) {
      out.write(rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }
}
