// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.core.PolicySet;
import dev.weir.policy.PolicyFile;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Logs and policies for tests. */
final class Logs {

  /** 10 October 2025, 13:55:36 UTC. */
  static final long T0 = 1_760_104_536_000_000L;

  private Logs() {}

  static LogSource text(String text) {
    return bytes(text.getBytes(UTF_8));
  }

  static LogSource bytes(byte[] bytes) {
    return new LogSource() {
      @Override
      public String name() {
        return "test.log";
      }

      @Override
      public InputStream open() {
        return new ByteArrayInputStream(bytes);
      }

      @Override
      public OptionalLong size() {
        return OptionalLong.of(bytes.length);
      }

      @Override
      public boolean repeatable() {
        return true;
      }
    };
  }

  static PolicySet policies(String yaml) {
    return PolicySet.of(PolicyFile.parse("test.yaml", yaml, name -> Optional.empty()));
  }

  /** One policy that counts by the entry {@code ip}. */
  static PolicySet perClient(String rate) {
    return policies(
        """
        version: 1
        policies:
          - name: per-client
            domain: web
            key: [ip]
            limits:
              - { name: rate, rate: %s }
        """
            .formatted(rate));
  }

  /** Makes descriptors of one entry out of one field. */
  static MappedDescriptors mapped(LogFields fields, String key, String field) {
    return new MappedDescriptors(
        List.of(
            new MappedDescriptors.Plan(
                "web", List.of(MappedDescriptors.Entry.of(key, fields.field(field))), false)),
        Optional.empty());
  }

  /** A simulation by client address. */
  static Simulation.Builder byAddress(PolicySet policies, LogSource... logs) {
    LogFields fields = new LogFields();
    Simulation.Builder builder =
        Simulation.builder()
            .fields(fields)
            .descriptors(mapped(fields, "ip", "address"))
            .policies("test.yaml", policies);
    for (LogSource log : logs) {
      builder.log(log);
    }
    return builder;
  }

  /** A line of the combined format, some seconds after {@link #T0}. */
  static String line(String address, double seconds) {
    long micros = Math.round(seconds * 1e6);
    String time = ReportText.moment(T0 + micros - Math.floorMod(micros, 1_000_000L));
    String fraction =
        micros % 1_000_000 == 0 ? "" : String.format(".%06d", Math.floorMod(micros, 1_000_000L));
    return address
        + " - - [10/Oct/2025:"
        + time.substring(11, 19)
        + fraction
        + " +0000] \"GET /a?b=1 HTTP/1.1\" 200 12 \"-\" \"agent\"\n";
  }
}
