// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.core.Descriptor;
import dev.weir.server.Configuration;
import dev.weir.server.Listener;
import dev.weir.server.Surface;
import dev.weir.server.gateway.ClientAddress;
import dev.weir.server.gateway.Preview;
import dev.weir.simulation.DescriptorSource;
import dev.weir.simulation.LogField;
import dev.weir.simulation.LogFields;
import dev.weir.simulation.LogRecord;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The descriptors that the gateway of a configuration derives, by the gateway's own code. */
final class GatewayDescriptors implements DescriptorSource {

  private final Preview preview;
  private final LogField address;
  private final LogField method;
  private final LogField target;
  private final LogField user;
  private final Map<String, LogField> headers = new LinkedHashMap<>();

  /**
   * @param mapped header fields and where a line has them, {@code NAME=FIELD}
   */
  GatewayDescriptors(Configuration configuration, List<String> mapped, LogFields fields) {
    this.preview = new Preview(configuration.routes(), clients(configuration));
    this.address = fields.field("address");
    this.method = fields.field("method");
    this.target = fields.field("target");
    this.user = fields.field("user");
    headers.put("host", fields.field("host"));
    headers.put("user-agent", fields.field("user-agent"));
    headers.put("referer", fields.field("referer"));
    headers.put("x-forwarded-for", fields.field("forwarded-for"));
    for (String option : mapped) {
      String name = EntryOptions.key("--header", option, "FIELD");
      headers.put(
          name.toLowerCase(Locale.ROOT),
          EntryOptions.field("--header", option.substring(name.length() + 1), fields));
    }
  }

  /** How the listener that serves the routes finds a client's address. */
  private static ClientAddress clients(Configuration configuration) {
    return configuration.listeners().stream()
        .filter(listener -> listener.serves().contains(Surface.ROUTES))
        .map(Listener::clients)
        .findFirst()
        .orElse(new ClientAddress(List.of()));
  }

  @Override
  public List<Descriptor> descriptors(LogRecord record) {
    Map<String, String> known = new HashMap<>();
    headers.forEach(
        (name, field) -> record.value(field).ifPresent(value -> known.put(name, value)));
    return preview.descriptors(
        new Preview.Request(
            record.value(address).orElse(""),
            record.value(method).orElse(""),
            record.value(target).orElse(""),
            known,
            record.value(user),
            record.micros()));
  }
}
