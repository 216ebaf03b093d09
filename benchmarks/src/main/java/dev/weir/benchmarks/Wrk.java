// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs wrk on processor 1 against a server on processor 0. */
final class Wrk {

  private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
  private static final Pattern ERRORS = Pattern.compile("(Socket errors.*|Non-2xx.*)");

  /**
   * What a run came to.
   *
   * @param rate requests per second
   * @param cpuMicros the server's processor time per request
   * @param errors what wrk said of errors; empty if nothing
   */
  record Result(double rate, double cpuMicros, String errors) {}

  private final int connections;
  private final int seconds;

  Wrk(int connections, int seconds) {
    this.connections = connections;
    this.seconds = seconds;
  }

  Result run(Server server, String path, List<String> script)
      throws IOException, InterruptedException {
    Path lua = Files.createTempFile("weir-bench", ".lua");
    try {
      Files.write(lua, script);
      double before = server.cpuSeconds();
      String output =
          output(
              List.of(
                  "taskset",
                  "-c",
                  "1",
                  "wrk",
                  "-t1",
                  "-c" + connections,
                  "-d" + seconds + "s",
                  "-s",
                  lua.toString(),
                  "http://127.0.0.1:" + server.port() + path));
      double cpu = server.cpuSeconds() - before;
      Matcher rate = RATE.matcher(output);
      if (!rate.find()) {
        throw new IOException("wrk said:\n" + output);
      }
      double perSecond = Double.parseDouble(rate.group(1));
      Matcher errors = ERRORS.matcher(output);
      return new Result(
          perSecond, cpu * 1e6 / (perSecond * seconds), errors.find() ? errors.group(1) : "");
    } finally {
      Files.delete(lua);
    }
  }

  private static String output(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }

  /** A script that posts bodies in turn, each for another one of 100 000 keys. */
  static List<String> posts(int checksPerBody, int bodies) {
    return List.of(
        "math.randomseed(42)",
        "local requests = {}",
        "local headers = {['Content-Type'] = 'application/json'}",
        "local function check()",
        "  return string.format('{\"domain\":\"api\",\"descriptors\":[{\"entries\":'",
        "    .. '[{\"key\":\"user\",\"value\":\"user-%07d\"}],\"cost\":1}]}', math.random(0, 99999))",
        "end",
        "init = function(args)",
        "  for i = 1, " + bodies + " do",
        "    local body = check()",
        "    if " + checksPerBody + " > 1 then",
        "      local checks = {}",
        "      for j = 1, " + checksPerBody + " do checks[j] = check() end",
        "      body = '{\"checks\":[' .. table.concat(checks, ',') .. ']}'",
        "    end",
        "    requests[i] = wrk.format('POST', nil, headers, body)",
        "  end",
        "end",
        "local next = 0",
        "request = function()",
        "  next = next % " + bodies + " + 1",
        "  return requests[next]",
        "end");
  }

  /** A script that gets the same page again and again. */
  static List<String> gets() {
    return List.of("wrk.method = 'GET'");
  }
}
