// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import java.util.List;
import java.util.Locale;

/** The fields that every format may have, and how JSON logs and CSV columns call them. */
enum Field {
  TIME(
      0,
      "time",
      "@timestamp",
      "timestamp",
      "ts",
      "start_time",
      "StartUTC",
      "StartLocal",
      "time_iso8601",
      "msec",
      "time_local",
      "datetime",
      "date"),
  ADDRESS(
      1,
      "request.client_ip",
      "request.remote_ip",
      "ClientHost",
      "remote_addr",
      "downstream_remote_address_without_port",
      "client_ip",
      "remote_ip",
      "address",
      "client.ip",
      "source.ip",
      "clientip",
      "ip",
      "downstream_remote_address",
      "ClientAddr",
      "client"),
  USER(2, "remote_user", "ClientUsername", "user_id", "user", "username", "user.id", "user.name"),
  METHOD(
      3,
      "request_method",
      "request.method",
      "RequestMethod",
      "method",
      "http.request.method",
      "verb",
      ":METHOD"),
  TARGET(
      4,
      "request_uri",
      "request.uri",
      "RequestPath",
      "x_envoy_original_path",
      "target",
      "uri",
      "url",
      "path",
      "url.original",
      "url.path"),
  PROTOCOL(5, "server_protocol", "request.proto", "RequestProtocol", "protocol"),
  STATUS(
      6,
      "status",
      "DownstreamStatus",
      "response_code",
      "http.response.status_code",
      "status_code",
      "code"),
  BYTES(7, "body_bytes_sent", "DownstreamContentSize", "bytes_sent", "size", "bytes"),
  REFERER(8, "http_referer", "request.headers.Referer", "request_Referer", "referer", "referrer"),
  USER_AGENT(
      9,
      "http_user_agent",
      "request.headers.User-Agent",
      "request_User-Agent",
      "user_agent",
      "user-agent",
      "useragent"),
  HOST(10, "http_host", "host", "request.host", "RequestHost", "authority", "server_name"),
  DURATION(11, "request_time", "Duration", "duration", "duration_ms", "elapsed"),
  FORWARDED_FOR(
      12,
      "http_x_forwarded_for",
      "x_forwarded_for",
      "request.headers.X-Forwarded-For",
      "request_X-Forwarded-For",
      "forwarded-for"),
  /** Method, target and protocol in one. */
  REQUEST_LINE(13, "request");

  /** How many there are. */
  static final int COUNT = values().length;

  private final int slot;

  // List.of
  @SuppressWarnings("ImmutableEnumChecker")
  private final List<String> candidates;

  Field(int slot, String... candidates) {
    this.slot = slot;
    this.candidates = List.of(candidates);
  }

  /** Where a record keeps it; 0..{@link #COUNT} − 1. */
  int slot() {
    return slot;
  }

  /** What it is called on the command line, such as {@code user-agent}. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Names in JSON and CSV, the first that a line has going before the others. */
  List<String> candidates() {
    return candidates;
  }
}
