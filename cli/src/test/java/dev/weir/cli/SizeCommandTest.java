// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.sizing.Coefficients;
import dev.weir.sizing.Demand;
import dev.weir.sizing.Mode;
import dev.weir.sizing.Size;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What {@code weir size} answers. */
final class SizeCommandTest {

  private final Terminal terminal = new Terminal();

  @Test
  void size_ofADemand_isTheModels() {
    Size size = Size.of(Demand.of(Mode.EXACT, 300_000, 1_000_000), Coefficients.shipped());

    String out = terminal.run("size", "--rate", "300000", "--keys", "1e6").out();

    assertThat(out).startsWith("300,000 decisions/s, exact, over 1,000,000 keys; HTTP, 1 check a ");
    assertThat(out).contains("instances       " + size.nodes() + " × 4 cores");
    assertThat(out).contains("shards          " + size.shards() + " (a ");
    assertThat(out).contains("limited by      " + size.limitedBy());
    assertThat(out).contains("Assumed (docs/scaling.md ");
    assertThat(out).contains("weir load --url http://INSTANCE:8080 --check 'DOMAIN,KEY={key}'");
  }

  @Test
  void trial_ofAnAnswer_isAGoodCommandLine() {
    String out =
        terminal
            .run(
                "size",
                "--rate",
                "5e5",
                "--keys",
                "1000",
                "--checks-per-request",
                "10",
                "--zipf",
                "1")
            .out();

    String trial =
        out.lines().filter(line -> line.startsWith("  weir load ")).findFirst().orElseThrow();
    String[] arguments = trial.strip().replace("'", "").split(" ");
    new Program(Shell.system())
        .commandLine()
        .parseArgs(List.of(arguments).subList(1, arguments.length).toArray(String[]::new));
  }

  @Test
  void memory_hasNoShards() {
    String out =
        terminal.run("size", "--rate", "300000", "--keys", "1000", "--mode", "memory").out();

    assertThat(out).doesNotContain("shards ", "Redis memory");
    assertThat(out).contains("each admits the whole limit");
  }

  @Test
  void leases_thatWouldBuyNothing_areTold() {
    String[] few = {"size", "--rate", "1000", "--keys", "1000000", "--mode", "leased"};

    assertThat(terminal.run(few).out()).contains("leased          nothing");
  }

  @Test
  void json_isOneObject() {
    String out =
        terminal
            .run(
                "size",
                "--rate=2000000",
                "--keys=1000000",
                "--mode=LEASED",
                "--hot-share=0.9",
                "--hot-keys=100",
                "--output=json")
            .out();

    // JSON is YAML.
    Map<?, ?> json = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(out);
    assertThat(json.get("mode")).isEqualTo("leased");
    assertThat((Map<?, ?>) json.get("leased")).extracting("keys").isEqualTo(100);
    assertThat(((Map<?, ?>) json.get("latencyMicros")).keySet().toString())
        .isEqualTo("[mean, p99]");
    assertThat(out.lines()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --rate 0 --keys 1                       | --rate: 0 (expected: 1..1000000000)
          --rate 1 --keys 0                       | --keys: 0.0 (expected: 1..1000000000000)
          --rate 1 --keys 1 --headroom 95         | --headroom: 95.0 (expected: 0..90)
          --rate 1 --keys 1 --cores-per-node 0    | --cores-per-node: 0 (expected: 1..256)
          --rate 1 --keys 1 --limits-per-check 0  | --limits-per-check: 0 (expected: 1..100)
          --rate 1 --keys 1 --mode hard           | --mode: hard (expected: one of exact, leased, memory)
          --rate 1 --keys 1 --hot-keys 4          | --hot-keys: given without --hot-share
          --rate 1 --keys 1 --hot-share 0.5       | --hot-share: given without --hot-keys
          --rate 1 --keys 1 --lease-lifetime soon | --lease-lifetime: soon (expected: 1ms..60s)
          --rate 1 --keys 1 --lease-lifetime 2m   | --lease-lifetime: PT2M (expected: 1 ms..60 s)
          --rate 1 --keys 1 --shards -1           | --shards: -1 (expected: 0..1000)
          --rate 1 --keys 1 --mode memory --shards 2 | --shards: 2 (expected: none in memory)
          --rate 1 --keys 1 --front-end grpc --checks-per-request 2 | --checks-per-request: 2 (expected: 1..1)
          --rate x --keys 1                       | --rate: x (expected: a number)
          --keys 1                                | --rate: missing
          """)
  void options_thatAreWrong_tellValueAndExpectation(String options, String error) {
    String[] arguments = ("size " + options.strip()).split(" +");

    Terminal.Outcome outcome = terminal.run(arguments);

    assertThat(outcome.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(outcome.err()).startsWith("weir size: " + error.strip() + "\n");
    assertThat(outcome.out()).isEmpty();
  }
}
