// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;

/** How the services behind the gateway are spoken to. */
final class ClientOptions {

  private static final int MAX_CONNECTIONS_PER_LOOP = 256;

  private ClientOptions() {}

  static HttpClientOptions http() {
    return new HttpClientOptions()
        .setKeepAlive(true)
        .setKeepAliveTimeout(30)
        .setPipelining(false)
        .setTcpNoDelay(true)
        .setDecompressionSupported(false)
        .setMaxHeaderSize(65_536);
  }

  static PoolOptions pool() {
    return new PoolOptions().setHttp1MaxSize(MAX_CONNECTIONS_PER_LOOP).setMaxWaitQueueSize(4_096);
  }
}
