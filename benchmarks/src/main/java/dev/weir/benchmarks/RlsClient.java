// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.rls.api.RateLimitDescriptor;
import dev.weir.rls.api.RateLimitRequest;
import dev.weir.rls.api.RateLimitResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Asks a rate limit service as Envoy does, on one connection. Safe for use by any thread. */
final class RlsClient implements AutoCloseable {

  static final String DOMAIN = "bench";

  private static final MethodDescriptor<RateLimitRequest, RateLimitResponse> SHOULD_RATE_LIMIT =
      MethodDescriptor.<RateLimitRequest, RateLimitResponse>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit")
          .setRequestMarshaller(ProtoUtils.marshaller(RateLimitRequest.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(RateLimitResponse.getDefaultInstance()))
          .build();

  private final int port;
  private final ManagedChannel channel;

  RlsClient(int port) {
    this.port = port;
    channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  int port() {
    return port;
  }

  /** A request of some hits for descriptors of one entry each, as key and value in turn. */
  static RateLimitRequest request(int hits, String... keysAndValues) {
    RateLimitRequest.Builder request =
        RateLimitRequest.newBuilder().setDomain(DOMAIN).setHitsAddend(hits);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      RateLimitDescriptor.Entry entry =
          RateLimitDescriptor.Entry.newBuilder()
              .setKey(keysAndValues[i])
              .setValue(keysAndValues[i + 1])
              .build();
      request.addDescriptors(RateLimitDescriptor.newBuilder().addEntries(entry));
    }
    return request.build();
  }

  /** Asks, and fails with the service's error or after the deadline. */
  CompletableFuture<RateLimitResponse> ask(RateLimitRequest request, long deadlineMillis) {
    CompletableFuture<RateLimitResponse> answer = new CompletableFuture<>();
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(deadlineMillis, TimeUnit.MILLISECONDS);
    ClientCalls.asyncUnaryCall(
        channel.newCall(SHOULD_RATE_LIMIT, options),
        request,
        new StreamObserver<>() {
          @Override
          public void onNext(RateLimitResponse response) {
            answer.complete(response);
          }

          @Override
          public void onError(Throwable error) {
            answer.completeExceptionally(error);
          }

          @Override
          public void onCompleted() {}
        });
    return answer;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
