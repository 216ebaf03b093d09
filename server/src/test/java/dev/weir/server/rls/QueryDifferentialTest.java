// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UInt64Value;
import com.google.protobuf.UnknownFieldSet;
import dev.weir.rls.api.RateLimitDescriptor;
import dev.weir.rls.api.RateLimitRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The hand-written reader takes and refuses what protobuf-java does, and reads the same. */
class QueryDifferentialTest {

  private static final int MESSAGES = 20_000;
  private static final int MUTATIONS = 12;
  private static final String[] TEXTS = {
    "", "user", "remote_address", "ä€𝄞", "x".repeat(60), "\0", "\u0080", "a\nb"
  };

  private final ProtoReader reader = new ProtoReader();
  private boolean endless;

  @Test
  void randomMessages_andBrokenOnes_areReadAlike() {
    long seed = Long.getLong("weir.rls.seed", 20_261_121L);
    Random random = new Random(seed);
    int refused = 0;
    int taken = 0;
    for (int i = 0; i < MESSAGES; i++) {
      byte[] message = message(random).toByteArray();
      assertAlike(message, seed, i);
      for (int j = 0; j < MUTATIONS; j++) {
        if (assertAlike(mutated(message, random), seed, i)) {
          taken++;
        } else {
          refused++;
        }
      }
    }
    // Neither of the two is an exception.
    assertThat(refused).isGreaterThan(MESSAGES);
    assertThat(taken).isGreaterThan(MESSAGES);
  }

  @Test
  void pureNoise_isReadAlike() {
    long seed = Long.getLong("weir.rls.seed", 7L);
    Random random = new Random(seed);
    for (int i = 0; i < 200_000; i++) {
      byte[] noise = new byte[random.nextInt(24)];
      random.nextBytes(noise);
      // Tags of small fields are rare among all bytes.
      for (int j = 0; j < noise.length; j++) {
        if (random.nextInt(3) == 0) {
          noise[j] = (byte) random.nextInt(40);
        }
      }
      assertAlike(noise, seed, i);
    }
  }

  @Test
  void emptyMessage_isAnEmptyQuery() {
    assertThat(read(new byte[0])).hasValue(new Query("", 0, List.of()));
  }

  private boolean assertAlike(byte[] message, long seed, int number) {
    endless = false;
    Optional<Query> mine = read(message);
    if (endless) {
      // Of these protobuf-java takes some, by the bits of their tenth byte.
      return false;
    }
    assertThat(mine)
        .as(() -> "seed " + seed + ", message " + number + ": " + Arrays.toString(message))
        .isEqualTo(parsed(message));
    return mine.isPresent();
  }

  private Optional<Query> read(byte[] message) {
    // Somewhere in the middle of other bytes, as it comes from the network.
    byte[] bytes = new byte[message.length + 10];
    Arrays.fill(bytes, (byte) 0x0a);
    System.arraycopy(message, 0, bytes, 5, message.length);
    reader.reset(bytes, 5, 5 + message.length);
    try {
      return Optional.of(Query.read(reader));
    } catch (MalformedMessage e) {
      endless = ProtoReader.ENDLESS.equals(e.getMessage());
      return Optional.empty();
    }
  }

  private static Optional<Query> parsed(byte[] message) {
    try {
      RateLimitRequest request = RateLimitRequest.parseFrom(message);
      List<Query.Asked> descriptors = new ArrayList<>();
      for (RateLimitDescriptor each : request.getDescriptorsList()) {
        List<String> entries = new ArrayList<>();
        each.getEntriesList()
            .forEach(
                entry -> {
                  entries.add(entry.getKey());
                  entries.add(entry.getValue());
                });
        descriptors.add(
            new Query.Asked(
                entries,
                each.hasHitsAddend(),
                each.getHitsAddend().getValue(),
                each.getIsNegativeHits(),
                each.hasLimit(),
                Integer.toUnsignedLong(each.getLimit().getRequestsPerUnit()),
                each.getLimit().getUnitValue()));
      }
      return Optional.of(
          new Query(
              request.getDomain(), Integer.toUnsignedLong(request.getHitsAddend()), descriptors));
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }

  private static RateLimitRequest message(Random random) {
    RateLimitRequest.Builder request = RateLimitRequest.newBuilder();
    if (random.nextInt(8) > 0) {
      request.setDomain(text(random));
    }
    if (random.nextInt(3) == 0) {
      request.setHitsAddend(number(random));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      RateLimitDescriptor.Builder descriptor = RateLimitDescriptor.newBuilder();
      for (int j = random.nextInt(4); j > 0; j--) {
        descriptor.addEntries(
            RateLimitDescriptor.Entry.newBuilder().setKey(text(random)).setValue(text(random)));
      }
      if (random.nextInt(3) == 0) {
        descriptor.setLimit(
            RateLimitDescriptor.RateLimitOverride.newBuilder()
                .setRequestsPerUnit(number(random))
                .setUnitValue(random.nextBoolean() ? random.nextInt(9) : random.nextInt()));
      }
      if (random.nextInt(3) == 0) {
        descriptor.setHitsAddend(
            UInt64Value.of(random.nextBoolean() ? random.nextInt(5) : random.nextLong()));
      }
      descriptor.setIsNegativeHits(random.nextInt(3) == 0);
      if (random.nextInt(6) == 0) {
        descriptor.setUnknownFields(unknown(random));
      }
      request.addDescriptors(descriptor);
    }
    if (random.nextInt(6) == 0) {
      request.setUnknownFields(unknown(random));
    }
    return request.build();
  }

  /* Also fields of known numbers and other types. */
  private static UnknownFieldSet unknown(Random random) {
    UnknownFieldSet.Field.Builder field = UnknownFieldSet.Field.newBuilder();
    switch (random.nextInt(5)) {
      case 0 -> field.addVarint(random.nextLong());
      case 1 -> field.addFixed32(random.nextInt());
      case 2 -> field.addFixed64(random.nextLong());
      case 3 -> field.addLengthDelimited(ByteString.copyFromUtf8("unknown"));
      default ->
          field.addGroup(
              UnknownFieldSet.newBuilder()
                  .addField(3, UnknownFieldSet.Field.newBuilder().addVarint(5).build())
                  .build());
    }
    return UnknownFieldSet.newBuilder().addField(5 + random.nextInt(2_000), field.build()).build();
  }

  private static String text(Random random) {
    return random.nextBoolean()
        ? TEXTS[random.nextInt(TEXTS.length)]
        : "value-" + random.nextInt(100);
  }

  private static int number(Random random) {
    return random.nextBoolean() ? random.nextInt(10) : random.nextInt();
  }

  private static byte[] mutated(byte[] message, Random random) {
    if (message.length == 0) {
      return new byte[] {(byte) random.nextInt()};
    }
    byte[] other = message.clone();
    switch (random.nextInt(4)) {
      case 0 -> other[random.nextInt(other.length)] = (byte) random.nextInt();
      case 1 -> other[random.nextInt(other.length)] ^= (byte) (1 << random.nextInt(8));
      case 2 -> other = Arrays.copyOf(other, random.nextInt(other.length));
      default -> {
        int at = random.nextInt(other.length);
        byte[] longer = new byte[other.length + 1];
        System.arraycopy(other, 0, longer, 0, at);
        longer[at] = (byte) random.nextInt();
        System.arraycopy(other, at, longer, at + 1, other.length - at);
        other = longer;
      }
    }
    return other;
  }
}
