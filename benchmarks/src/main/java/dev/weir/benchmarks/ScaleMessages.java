// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.rls.api.RateLimitDescriptor;
import dev.weir.rls.api.RateLimitRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** The requests of a run, as bytes, in the order in which they are sent again and again. */
final class ScaleMessages {

  private static final int HEAD = 5;
  private static final int GRPC_MESSAGES = 200_000;
  private static final int HTTP_CHECKS = 100_000;

  private ScaleMessages() {}

  static byte[][] of(ScaleSetup setup) {
    if (setup.system().equals("throttlecrab")) {
      return GrpcCalls.CRAB_KEYS.messages();
    }
    Random random = new Random(42);
    boolean grpc = setup.frontEnd().equals("grpc");
    byte[][] messages = new byte[grpc ? GRPC_MESSAGES : HTTP_CHECKS / setup.batch()][];
    for (int i = 0; i < messages.length; i++) {
      messages[i] = grpc ? grpc(setup, key(setup, random)) : http(setup, random);
    }
    return messages;
  }

  /** One request for each of the keys. */
  static byte[][] each(ScaleSetup setup) {
    byte[][] messages = new byte[ScaleSetup.KEYS][];
    for (int i = 0; i < messages.length; i++) {
      messages[i] = grpc(setup, "user-%07d".formatted(i));
    }
    return messages;
  }

  private static String key(ScaleSetup setup, Random random) {
    return random.nextDouble() < setup.hotShare()
        ? "hot-%08d".formatted(random.nextInt(ScaleSetup.HOT_KEYS))
        : "user-%07d".formatted(random.nextInt(ScaleSetup.KEYS));
  }

  private static byte[] grpc(ScaleSetup setup, String key) {
    RateLimitRequest.Builder request = RateLimitRequest.newBuilder().setDomain(setup.domain());
    request.addDescriptors(
        RateLimitDescriptor.newBuilder()
            .addEntries(RateLimitDescriptor.Entry.newBuilder().setKey("key").setValue(key)));
    byte[] message = request.build().toByteArray();
    return ByteBuffer.allocate(HEAD + message.length)
        .put((byte) 0)
        .putInt(message.length)
        .put(message)
        .array();
  }

  private static byte[] http(ScaleSetup setup, Random random) {
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < setup.batch(); i++) {
      body.append(i == 0 ? "" : ",")
          .append("{\"domain\":\"")
          .append(setup.domain())
          .append("\",\"descriptors\":[{\"entries\":[{\"key\":\"key\",\"value\":\"")
          .append(key(setup, random))
          .append("\"}]}]}");
    }
    boolean several = setup.batch() > 1;
    String text = several ? "{\"checks\":[" + body + "]}" : body.toString();
    String head =
        "POST /v1/check"
            + (several ? "s" : "")
            + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
            + text.length()
            + "\r\n\r\n";
    return (head + text).getBytes(StandardCharsets.US_ASCII);
  }
}
