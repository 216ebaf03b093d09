// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static dev.weir.server.RlsClient.of;
import static dev.weir.server.RlsClient.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.UInt64Value;
import dev.weir.redis.fixtures.TestCertificates;
import dev.weir.rls.api.HeaderValue;
import dev.weir.rls.api.RateLimitDescriptor;
import dev.weir.rls.api.RateLimitRequest;
import dev.weir.rls.api.RateLimitResponse;
import dev.weir.rls.api.RateLimitResponse.Code;
import dev.weir.rls.api.RateLimitResponse.RateLimit.Unit;
import dev.weir.rls.api.RateLimitUnit;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Envoy's rate limit service, asked by grpc-java. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class RlsTest {

  private static final String CONFIGURATION =
      """
      version: 1
      listeners:
        - { name: both, port: 0, serves: [api, rls, health] }
        - name: guarded
          port: 0
          serves: [rls]
          tokens:
            - { sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, scopes: [check] }
      rls:
        domains: { charged: { charge: all } }
      policies:
        - { name: user, domain: shop, match: { user: "*" }, key: [user], limits: [{ name: per-hour, rate: 3 per hour fixed }] }
        - { name: path, domain: shop, match: { path: "*" }, key: [path], limits: [{ name: ten, rate: 10 per minute }] }
        - { name: both, domain: shop, match: { both: "*" }, key: [both], limits: [{ name: day, rate: 2 per day in UTC }, { name: minute, rate: 5 per minute }] }
        - { name: quiet, domain: shop, match: { quiet: "*" }, key: [quiet], shadow: true, limits: [{ name: one, rate: 1 per minute }] }
        - { name: odd, domain: shop, match: { odd: "*" }, key: [odd], limits: [{ name: odd, rate: 7 per 11 seconds }] }
        - { name: banned, domain: shop, match: { banned: "*" }, deny: [{ banned: "yes" }], limits: [{ name: hundred, rate: 100 per minute }] }
        - { name: free, domain: shop, match: { free: "*" }, unlimited: true }
        - { name: a, domain: charged, match: { a: "*" }, key: [a], limits: [{ name: a, rate: 10 per hour fixed }] }
        - { name: b, domain: charged, match: { b: "*" }, key: [b], limits: [{ name: b, rate: 100 per hour fixed }] }
      """;

  private TestServer server;
  private RlsClient client;

  @BeforeEach
  void start() {
    server = TestServer.start(TestConfiguration.of(CONFIGURATION));
    client = new RlsClient(server.port("both"));
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void oneDescriptor_isToldItsLimit() {
    RateLimitResponse answer = client.ask("shop", of("user", "ann").build());
    assertThat(answer.getOverallCode()).isEqualTo(Code.OK);
    assertThat(answer.getStatusesCount()).isEqualTo(1);
    RateLimitResponse.DescriptorStatus status = answer.getStatuses(0);
    assertThat(status.getCode()).isEqualTo(Code.OK);
    assertThat(status.getCurrentLimit().getRequestsPerUnit()).isEqualTo(3);
    assertThat(status.getCurrentLimit().getUnit()).isEqualTo(Unit.HOUR);
    assertThat(status.getCurrentLimit().getName()).isEqualTo("per-hour");
    assertThat(status.getLimitRemaining()).isEqualTo(2);
    assertThat(status.getDurationUntilReset().getSeconds()).isBetween(1L, 3_600L);
    assertThat(answer.getResponseHeadersToAddList()).isEmpty();
    assertThat(answer.getRawBody()).isEmpty();
    assertThat(answer.hasDynamicMetadata()).isFalse();
  }

  @Test
  void unitOfAWindowWithoutAName_isUnknown() {
    RateLimitResponse answer = client.ask("shop", of("odd", "x").build(), of("path", "/").build());
    assertThat(answer.getStatuses(0).getCurrentLimit().getUnit()).isEqualTo(Unit.UNKNOWN);
    assertThat(answer.getStatuses(0).getCurrentLimit().getRequestsPerUnit()).isEqualTo(7);
    assertThat(answer.getStatuses(1).getCurrentLimit().getUnit()).isEqualTo(Unit.MINUTE);
  }

  @Test
  void rule01_oneDenial_chargesNoDescriptor() {
    for (int i = 0; i < 3; i++) {
      client.ask("shop", of("user", "ann").build());
    }
    RateLimitResponse denied =
        client.ask("shop", of("path", "/a").build(), of("user", "ann").build());
    assertThat(denied.getOverallCode()).isEqualTo(Code.OVER_LIMIT);
    assertThat(denied.getStatuses(0).getCode()).isEqualTo(Code.OK);
    assertThat(denied.getStatuses(1).getCode()).isEqualTo(Code.OVER_LIMIT);
    assertThat(denied.getStatuses(1).getLimitRemaining()).isZero();
    RateLimitResponse after = client.ask("shop", of("path", "/a").build());
    assertThat(after.getStatuses(0).getLimitRemaining()).isEqualTo(9);
  }

  @Test
  void domainThatChargesAll_chargesTheOthersAndWhatItDenies() {
    RateLimitDescriptor a = of("a", "1").build();
    RateLimitDescriptor b = of("b", "1").build();
    assertThat(client.ask(request("charged", a).setHitsAddend(7).build()).getOverallCode())
        .isEqualTo(Code.OK);
    RateLimitResponse denied = client.ask(request("charged", a, b).setHitsAddend(5).build());
    assertThat(denied.getOverallCode()).isEqualTo(Code.OVER_LIMIT);
    assertThat(denied.getStatuses(0).getCode()).isEqualTo(Code.OVER_LIMIT);
    assertThat(denied.getStatuses(0).getLimitRemaining()).isZero();
    assertThat(denied.getStatuses(1).getCode()).isEqualTo(Code.OK);
    assertThat(client.ask("charged", b).getStatuses(0).getLimitRemaining()).isEqualTo(94);
    // What was denied was taken: 10 - 7 - 5 + 2 leaves nothing.
    RateLimitDescriptor back = a.toBuilder().setIsNegativeHits(true).build();
    client.ask(request("charged", back).setHitsAddend(2).build());
    assertThat(
            client.ask("charged", of("a", "1").setHitsAddend(number(0)).build()).getOverallCode())
        .isEqualTo(Code.OVER_LIMIT);
    client.ask("charged", back);
    assertThat(client.ask("charged", a).getOverallCode()).isEqualTo(Code.OK);
  }

  @Test
  void severalLimits_tellOfTheOneWithTheLeastLeft() {
    RateLimitResponse answer = client.ask("shop", of("both", "x").build());
    assertThat(answer.getStatuses(0).getCurrentLimit().getName()).isEqualTo("day");
    assertThat(answer.getStatuses(0).getCurrentLimit().getUnit()).isEqualTo(Unit.DAY);
    assertThat(answer.getStatuses(0).getLimitRemaining()).isEqualTo(1);
  }

  @Test
  void unlimited_isOkWithAsMuchLeftAsCanBeSaid() {
    RateLimitResponse answer = client.ask("shop", of("user", "u").build(), of("free", "x").build());
    assertThat(answer.getStatuses(1).getCode()).isEqualTo(Code.OK);
    assertThat(answer.getStatuses(1).hasCurrentLimit()).isFalse();
    assertThat(answer.getStatuses(1).getLimitRemaining()).isEqualTo(-1);
    assertThat(client.ask("shop", of("free", "x").build()).getStatuses(0).getLimitRemaining())
        .isEqualTo(-1);
  }

  @Test
  void shadow_answersOk() {
    for (int i = 0; i < 3; i++) {
      RateLimitResponse answer = client.ask("shop", of("quiet", "x").build());
      assertThat(answer.getOverallCode()).isEqualTo(Code.OK);
      assertThat(answer.getStatuses(0).getCode()).isEqualTo(Code.OK);
      assertThat(answer.getStatuses(0).getCurrentLimit().getName()).isEqualTo("one");
      assertThat(answer.getStatuses(0).getLimitRemaining()).isZero();
    }
  }

  @Test
  void denyList_deniesWithoutALimit() {
    RateLimitResponse answer = client.ask("shop", of("banned", "yes").build());
    assertThat(answer.getOverallCode()).isEqualTo(Code.OVER_LIMIT);
    assertThat(answer.getStatuses(0).getCode()).isEqualTo(Code.OVER_LIMIT);
    assertThat(answer.getStatuses(0).hasCurrentLimit()).isFalse();
  }

  @Test
  void unknownDomain_isOkWithoutALimit() {
    RateLimitResponse answer =
        client.ask("nowhere", of("user", "ann").build(), override(1, RateLimitUnit.HOUR).build());
    assertThat(answer.getOverallCode()).isEqualTo(Code.OK);
    assertThat(answer.getStatusesList())
        .hasSize(2)
        .allMatch(status -> status.getCode() == Code.OK && !status.hasCurrentLimit());
  }

  private static UInt64Value number(long value) {
    return UInt64Value.of(value);
  }

  private static RateLimitDescriptor.Builder override(int requests, RateLimitUnit unit) {
    return of("any", "thing")
        .setLimit(
            RateLimitDescriptor.RateLimitOverride.newBuilder()
                .setRequestsPerUnit(requests)
                .setUnit(unit));
  }

  @Test
  void hits_areTheRequestsUnlessTheDescriptorSaysItself() {
    RateLimitResponse answer =
        client.ask(
            request(
                    "shop",
                    of("path", "/1").build(),
                    of("path", "/2").setHitsAddend(number(2)).build(),
                    of("path", "/3").setHitsAddend(number(0)).build())
                .setHitsAddend(4)
                .build());
    assertThat(answer.getStatusesList())
        .extracting(RateLimitResponse.DescriptorStatus::getLimitRemaining)
        .containsExactly(6, 8, 10);
  }

  @Test
  void negativeHits_giveBackAndNoMoreThanThatIsFull() {
    RateLimitDescriptor path = of("path", "/n").build();
    client.ask(request("shop", path).setHitsAddend(6).build());
    RateLimitDescriptor back = path.toBuilder().setIsNegativeHits(true).build();
    RateLimitResponse given = client.ask(request("shop", back).setHitsAddend(2).build());
    assertThat(given.getOverallCode()).isEqualTo(Code.OK);
    assertThat(given.getStatuses(0).getLimitRemaining()).isEqualTo(6);
    RateLimitResponse full = client.ask(request("shop", back).setHitsAddend(1_000).build());
    assertThat(full.getStatuses(0).getLimitRemaining()).isEqualTo(10);
  }

  @Test
  void negativeHits_besideADenial_areGivenBack() {
    client.ask(request("shop", of("path", "/m").build()).setHitsAddend(6).build());
    RateLimitResponse answer =
        client.ask(
            "shop",
            of("user", "x").setHitsAddend(number(9)).build(),
            of("path", "/m").setIsNegativeHits(true).setHitsAddend(number(3)).build());
    assertThat(answer.getStatuses(0).getCode()).isEqualTo(Code.OVER_LIMIT);
    assertThat(answer.getStatuses(1).getCode()).isEqualTo(Code.OK);
    assertThat(answer.getStatuses(1).getLimitRemaining()).isEqualTo(7);
  }

  @Test
  void override_takesThePlaceOfTheConfiguredLimits() {
    RateLimitDescriptor two = override(2, RateLimitUnit.MINUTE).build();
    RateLimitResponse first = client.ask("shop", two);
    assertThat(first.getStatuses(0).getCurrentLimit().getRequestsPerUnit()).isEqualTo(2);
    assertThat(first.getStatuses(0).getCurrentLimit().getUnit()).isEqualTo(Unit.MINUTE);
    assertThat(first.getStatuses(0).getCurrentLimit().getName()).isEmpty();
    RateLimitRequest all = request("shop", two).setHitsAddend(2).build();
    assertThat(client.ask(all).getOverallCode()).isEqualTo(Code.OVER_LIMIT);
  }

  @Test
  void overrideOfNothing_deniesAndChargesNothing() {
    RateLimitResponse denied =
        client.ask("shop", of("path", "/z").build(), override(0, RateLimitUnit.HOUR).build());
    assertThat(denied.getOverallCode()).isEqualTo(Code.OVER_LIMIT);
    assertThat(denied.getStatuses(0).getCode()).isEqualTo(Code.OK);
    assertThat(denied.getStatuses(1).getCode()).isEqualTo(Code.OVER_LIMIT);
    RateLimitResponse after = client.ask("shop", of("path", "/z").build());
    assertThat(after.getStatuses(0).getLimitRemaining()).isEqualTo(9);
  }

  private void assertRefused(RateLimitRequest request, Status.Code code, String message) {
    assertThatThrownBy(() -> client.ask(request))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(code);
              assertThat(e.getStatus().getDescription()).contains(message);
            });
  }

  @Test
  void mistakes_areToldInTheWordsOfTheReferenceService() {
    assertRefused(
        request("", of("a", "b").build()).build(),
        Status.Code.UNKNOWN,
        "rate limit domain must not be empty");
    assertRefused(
        request("shop").build(),
        Status.Code.UNKNOWN,
        "rate limit descriptor list must not be empty");
  }

  @Test
  void whatIsTooLarge_isToldAndChargesNothing() {
    assertRefused(
        request("shop", of("user", "x".repeat(5_000)).build()).build(),
        Status.Code.INVALID_ARGUMENT,
        "expected: 0..4096");
    RateLimitDescriptor beyond = of("path", "/q").setHitsAddend(number(-1)).build();
    assertRefused(
        request("shop", of("path", "/q").build(), beyond).build(),
        Status.Code.INVALID_ARGUMENT,
        "hits_addend: 18446744073709551615 (expected: 0..2147483647)");
    assertRefused(
        request("shop", of("path", "/q").build(), of("", "x").build()).build(),
        Status.Code.INVALID_ARGUMENT,
        "entry key");
    assertRefused(
        request("shop", override(1, RateLimitUnit.UNKNOWN).build()).build(),
        Status.Code.INVALID_ARGUMENT,
        "unit 0 (expected: 1..6)");
    assertThat(client.ask("shop", of("path", "/q").build()).getStatuses(0).getLimitRemaining())
        .isEqualTo(9);
  }

  @Test
  void tokens_guardTheService() {
    int port = server.port("guarded");
    try (RlsClient nobody = new RlsClient(port);
        RlsClient unknown = new RlsClient(channel(port), "wrong");
        RlsClient checker = new RlsClient(channel(port), "test")) {
      RateLimitRequest plain = request("shop", of("path", "/t").build()).build();
      assertThat(code(nobody, plain)).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(code(unknown, plain)).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(code(checker, plain)).isEqualTo(Status.Code.OK);
      assertThat(code(checker, request("shop", override(1, RateLimitUnit.DAY).build()).build()))
          .isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(
              code(
                  checker,
                  request("shop", of("path", "/t").setIsNegativeHits(true).build()).build()))
          .isEqualTo(Status.Code.PERMISSION_DENIED);
    }
  }

  private static io.grpc.ManagedChannel channel(int port) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  private static Status.Code code(RlsClient client, RateLimitRequest request) {
    try {
      client.ask(request);
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  @Test
  void samePort_speaksHttpToo() {
    client.ask("shop", of("user", "ann").build());
    assertThat(
            server
                .post(
                    "/v1/check",
                    "{\"domain\":\"shop\",\"descriptors\":[{\"entries\":[{\"key\":\"user\",\"value\":\"ann\"}]}]}")
                .body())
        .contains("\"remaining\":1");
    // Without HTTP/2 there is no gRPC.
    assertThat(
            server
                .post(
                    "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit",
                    "x",
                    "content-type",
                    "application/grpc")
                .statusCode())
        .isEqualTo(404);
  }

  @Test
  void overTls_isTheSame(@TempDir Path folder) throws Exception {
    TestCertificates certificates = TestCertificates.in(folder);
    String secured =
        CONFIGURATION.replace(
            "serves: [api, rls, health] }",
            "serves: [api, rls, health], tls: { certificate: \"%s\", private-key: \"%s\" } }"
                .formatted(certificates.serverCertificate(), certificates.serverKey()));
    try (TestServer tls = TestServer.start(TestConfiguration.of(secured));
        RlsClient asking =
            new RlsClient(
                NettyChannelBuilder.forAddress("127.0.0.1", tls.port("both"))
                    .overrideAuthority("localhost")
                    .sslContext(
                        GrpcSslContexts.forClient()
                            .trustManager(certificates.ca().toFile())
                            .build())
                    .build(),
                "")) {
      assertThat(asking.ask("shop", of("user", "ann").build()).getStatuses(0).getLimitRemaining())
          .isEqualTo(2);
    }
  }

  @Test
  void answersByConfiguration_haveFieldsBodyAndMetadata() {
    String configured =
        CONFIGURATION.replace(
            "rls:\n", "rls:\n  limit-headers: true\n  problem: true\n  metadata: true\n");
    try (TestServer told = TestServer.start(TestConfiguration.of(configured));
        RlsClient asking = new RlsClient(told.port("both"))) {
      RateLimitResponse allowed = asking.ask("shop", of("user", "ann").build());
      assertThat(headers(allowed))
          .containsEntry("RateLimit-Policy", "\"per-hour\";q=3;w=3600")
          .containsKey("RateLimit")
          .doesNotContainKey("Retry-After");
      assertThat(allowed.getDynamicMetadata().getFieldsMap().get("reason").getStringValue())
          .isEqualTo("within_limit");
      assertThat(allowed.getDynamicMetadata().getFieldsMap().get("remaining").getNumberValue())
          .isEqualTo(2);
      assertThat(allowed.getRawBody()).isEmpty();
      RateLimitResponse denied =
          asking.ask(request("shop", of("user", "ann").build()).setHitsAddend(3).build());
      assertThat(headers(denied))
          .containsEntry("Content-Type", "application/problem+json")
          .containsEntry("Cache-Control", "no-store")
          .containsKeys("Retry-After", "RateLimit");
      assertThat(denied.getRawBody().toStringUtf8())
          .contains("quota-exceeded", "\"status\":429", "\"violated-policies\":[\"per-hour\"]");
      assertThat(denied.getDynamicMetadata().getFieldsMap().get("policy").getStringValue())
          .isEqualTo("user");
    }
  }

  @Test
  void denials_haveTheBodyOfTheOperator() {
    String configured =
        CONFIGURATION.replace(
            "rls:\n",
            "rls:\n  denied: { json: { error: slow down, \"by\": \"{limit-name}\", left:"
                + " \"{remaining}\", of: \"{limit}\" } }\n");
    try (TestServer told = TestServer.start(TestConfiguration.of(configured));
        RlsClient asking = new RlsClient(told.port("both"))) {
      RateLimitResponse denied =
          asking.ask(request("shop", of("user", "ann").build()).setHitsAddend(4).build());
      assertThat(headers(denied)).containsExactly(Map.entry("Content-Type", "application/json"));
      assertThat(denied.getRawBody().toStringUtf8())
          .isEqualTo("{\"error\":\"slow down\",\"by\":\"per-hour\",\"left\":3,\"of\":3}");
    }
  }

  private static Map<String, String> headers(RateLimitResponse answer) {
    return answer.getResponseHeadersToAddList().stream()
        .collect(Collectors.toMap(HeaderValue::getKey, HeaderValue::getValue));
  }

  @Test
  void health_isThatOfTheProcess() {
    HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(client.channel());
    for (String service :
        new String[] {"", "ratelimit", "envoy.service.ratelimit.v3.RateLimitService"}) {
      assertThat(
              health.check(HealthCheckRequest.newBuilder().setService(service).build()).getStatus())
          .isEqualTo(ServingStatus.SERVING);
    }
    assertThatThrownBy(
            () -> health.check(HealthCheckRequest.newBuilder().setService("other").build()))
        .hasMessageContaining("NOT_FOUND");
  }

  @Test
  void reflection_tellsOfTheServiceAndItsMessages_onOneStream() throws Exception {
    BlockingQueue<ServerReflectionResponse> answers = new LinkedBlockingQueue<>();
    CompletableFuture<Void> ended = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> asking =
        ServerReflectionGrpc.newStub(client.channel())
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse value) {
                    answers.add(value);
                  }

                  @Override
                  public void onError(Throwable error) {
                    ended.completeExceptionally(error);
                  }

                  @Override
                  public void onCompleted() {
                    ended.complete(null);
                  }
                });
    asking.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    assertThat(answers.take().getListServicesResponse().getServiceList())
        .extracting(service -> service.getName())
        .contains(
            "envoy.service.ratelimit.v3.RateLimitService",
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection");
    for (String symbol :
        new String[] {
          "envoy.service.ratelimit.v3.RateLimitService",
          "envoy.service.ratelimit.v3.RateLimitResponse.DescriptorStatus",
          "envoy.service.ratelimit.v3.RateLimitService.ShouldRateLimit"
        }) {
      asking.onNext(ServerReflectionRequest.newBuilder().setFileContainingSymbol(symbol).build());
      // With all that it needs: the messages of the request and of the platform.
      assertThat(answers.take().getFileDescriptorResponse().getFileDescriptorProtoList())
          .hasSizeGreaterThan(5)
          .anyMatch(file -> file.toStringUtf8().contains("ShouldRateLimit"))
          .anyMatch(file -> file.toStringUtf8().contains("google/protobuf/struct.proto"));
    }
    asking.onNext(ServerReflectionRequest.newBuilder().setFileContainingSymbol("a.B").build());
    assertThat(answers.take().getErrorResponse().getErrorCode())
        .isEqualTo(Status.Code.NOT_FOUND.value());
    asking.onCompleted();
    ended.get(20, TimeUnit.SECONDS);
  }

  @Test
  void unknownMethod_isUnimplemented() {
    assertThatThrownBy(
            () ->
                io.grpc.stub.ClientCalls.blockingUnaryCall(
                    client.channel(),
                    RlsClient.METHOD.toBuilder().setFullMethodName("a.b.C/D").build(),
                    io.grpc.CallOptions.DEFAULT,
                    RateLimitRequest.getDefaultInstance()))
        .hasMessageContaining("UNIMPLEMENTED");
  }
}
