// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import com.google.protobuf.Message;
import dev.weir.rls.api.RateLimitDescriptor;
import dev.weir.rls.api.RateLimitRequest;
import dev.weir.rls.api.RateLimitResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.util.concurrent.Future;

/** A client of Envoy's rate limit service, made of grpc-java. */
final class RlsClient implements AutoCloseable {

  static final MethodDescriptor<RateLimitRequest, RateLimitResponse> METHOD =
      MethodDescriptor.<RateLimitRequest, RateLimitResponse>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit")
          .setRequestMarshaller(marshaller(RateLimitRequest.getDefaultInstance()))
          .setResponseMarshaller(marshaller(RateLimitResponse.getDefaultInstance()))
          .build();

  private final ManagedChannel channel;
  private final Channel calls;

  RlsClient(int port) {
    this(NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build(), "");
  }

  /**
   * @param token presented with every call, unless empty
   */
  RlsClient(ManagedChannel channel, String token) {
    this.channel = channel;
    Metadata metadata = new Metadata();
    if (!token.isEmpty()) {
      metadata.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    }
    ClientInterceptor headers = MetadataUtils.newAttachHeadersInterceptor(metadata);
    this.calls = ClientInterceptors.intercept(channel, headers);
  }

  static <M extends Message> MethodDescriptor.Marshaller<M> marshaller(M instance) {
    return ProtoUtils.marshaller(instance);
  }

  Channel channel() {
    return channel;
  }

  RateLimitResponse ask(RateLimitRequest request) {
    return ClientCalls.blockingUnaryCall(calls, METHOD, CallOptions.DEFAULT, request);
  }

  RateLimitResponse ask(String domain, RateLimitDescriptor... descriptors) {
    return ask(request(domain, descriptors).build());
  }

  Future<RateLimitResponse> askLater(RateLimitRequest request) {
    return ClientCalls.futureUnaryCall(calls.newCall(METHOD, CallOptions.DEFAULT), request);
  }

  static RateLimitRequest.Builder request(String domain, RateLimitDescriptor... descriptors) {
    return RateLimitRequest.newBuilder()
        .setDomain(domain)
        .addAllDescriptors(java.util.List.of(descriptors));
  }

  /** A descriptor of keys and values in turn. */
  static RateLimitDescriptor.Builder of(String... texts) {
    RateLimitDescriptor.Builder descriptor = RateLimitDescriptor.newBuilder();
    for (int i = 0; i < texts.length; i += 2) {
      descriptor.addEntries(
          RateLimitDescriptor.Entry.newBuilder().setKey(texts[i]).setValue(texts[i + 1]));
    }
    return descriptor;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
