// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.rls;

import com.google.protobuf.Descriptors;
import com.google.protobuf.Descriptors.FileDescriptor;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.reflection.v1.ErrorResponse;
import io.vertx.grpc.reflection.v1.FileDescriptorResponse;
import io.vertx.grpc.reflection.v1.ListServiceResponse;
import io.vertx.grpc.reflection.v1.ServerReflectionProto;
import io.vertx.grpc.reflection.v1.ServerReflectionRequest;
import io.vertx.grpc.reflection.v1.ServerReflectionResponse;
import io.vertx.grpc.reflection.v1.ServiceResponse;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.GrpcServerResponse;
import io.vertx.grpc.server.Service;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells what the services of a server are: {@code grpc.reflection.v1.ServerReflection}. Vert.x has
 * one that ends after its first answer; clients ask on.
 */
final class Reflection implements Service {

  private static final ServiceName NAME = ServiceName.create("grpc.reflection.v1.ServerReflection");

  private static final ServiceMethod<ServerReflectionRequest, ServerReflectionResponse> METHOD =
      ServiceMethod.server(
          NAME,
          "ServerReflectionInfo",
          GrpcMessageEncoder.encoder(),
          GrpcMessageDecoder.decoder(ServerReflectionRequest.newBuilder()));

  private final GrpcServer server;

  Reflection(GrpcServer server) {
    this.server = server;
  }

  @Override
  public ServiceName name() {
    return NAME;
  }

  @Override
  public Descriptors.ServiceDescriptor descriptor() {
    return ServerReflectionProto.getDescriptor().findServiceByName("ServerReflection");
  }

  @Override
  public void bind(GrpcServer bound) {
    bound.callHandler(METHOD, this::answerAll);
  }

  /* A client that asks and takes no answers is read no further. */
  private void answerAll(
      GrpcServerRequest<ServerReflectionRequest, ServerReflectionResponse> request) {
    GrpcServerResponse<ServerReflectionRequest, ServerReflectionResponse> response =
        request.response();
    request.handler(
        question -> {
          var unused = response.write(answer(question));
          if (response.writeQueueFull()) {
            request.pause();
            response.drainHandler(drained -> request.resume());
          }
        });
    request.endHandler(ended -> response.end());
  }

  private ServerReflectionResponse answer(ServerReflectionRequest question) {
    ServerReflectionResponse.Builder answer =
        ServerReflectionResponse.newBuilder()
            .setValidHost(question.getHost())
            .setOriginalRequest(question);
    switch (question.getMessageRequestCase()) {
      case LIST_SERVICES -> {
        ListServiceResponse.Builder list = ListServiceResponse.newBuilder();
        server
            .services()
            .forEach(
                service ->
                    list.addService(
                        ServiceResponse.newBuilder().setName(service.name().fullyQualifiedName())));
        answer.setListServicesResponse(list);
      }
      case FILE_BY_FILENAME -> tell(answer, files().get(question.getFileByFilename()));
      case FILE_CONTAINING_SYMBOL -> tell(answer, containing(question.getFileContainingSymbol()));
      case FILE_CONTAINING_EXTENSION, ALL_EXTENSION_NUMBERS_OF_TYPE -> tell(answer, null);
      case MESSAGEREQUEST_NOT_SET ->
          answer.setErrorResponse(
              ErrorResponse.newBuilder()
                  .setErrorCode(GrpcStatus.INVALID_ARGUMENT.code)
                  .setErrorMessage("nothing asked"));
    }
    return answer.build();
  }

  /** Tells of a file and of all that it needs. */
  private static void tell(ServerReflectionResponse.Builder answer, @Nullable FileDescriptor file) {
    if (file == null) {
      answer.setErrorResponse(
          ErrorResponse.newBuilder()
              .setErrorCode(GrpcStatus.NOT_FOUND.code)
              .setErrorMessage("not known here"));
      return;
    }
    Map<String, FileDescriptor> needed = new LinkedHashMap<>();
    collect(file, needed);
    FileDescriptorResponse.Builder files = FileDescriptorResponse.newBuilder();
    needed.values().forEach(each -> files.addFileDescriptorProto(each.toProto().toByteString()));
    answer.setFileDescriptorResponse(files);
  }

  private Map<String, FileDescriptor> files() {
    Map<String, FileDescriptor> files = new LinkedHashMap<>();
    server.services().forEach(service -> collect(service.descriptor().getFile(), files));
    return files;
  }

  private static void collect(FileDescriptor file, Map<String, FileDescriptor> files) {
    if (files.put(file.getName(), file) == null) {
      file.getDependencies().forEach(needed -> collect(needed, files));
    }
  }

  private @Nullable FileDescriptor containing(String symbol) {
    for (FileDescriptor file : files().values()) {
      if (has(file, symbol)) {
        return file;
      }
    }
    return null;
  }

  /** Whether a file has a message, an enum, a service or a method, or something within them. */
  private static boolean has(FileDescriptor file, String symbol) {
    String prefix = file.getPackage() + ".";
    if (!symbol.startsWith(prefix)) {
      return false;
    }
    String first = symbol.substring(prefix.length()).split("\\.", 2)[0];
    return file.findMessageTypeByName(first) != null
        || file.findEnumTypeByName(first) != null
        || file.findServiceByName(first) != null;
  }
}
