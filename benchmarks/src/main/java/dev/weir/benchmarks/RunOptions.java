// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.redis.fixtures.RedisProcess;
import java.util.List;

/**
 * What a child process is to measure.
 *
 * @param contestant its name, see {@link RedisRun}
 * @param workload which keys
 * @param allowance what each key may use
 * @param callers callers of a closed loop; 0 for an open one
 * @param rate checks a second of an open loop
 * @param warmUpSeconds before anything is timed
 * @param seconds timed
 * @param url of Redis
 * @param redisPid whose processor time is counted
 */
record RunOptions(
    String contestant,
    Workload workload,
    Allowance allowance,
    int callers,
    int rate,
    int warmUpSeconds,
    int seconds,
    String url,
    long redisPid) {

  static RunOptions closed(String contestant, Workload workload, int callers, RedisProcess redis) {
    return new RunOptions(
        contestant, workload, Allowance.PLENTY, callers, 0, 7, 4, redis.url(), redis.pid());
  }

  static RunOptions open(String contestant, Workload workload, int rate, RedisProcess redis) {
    return new RunOptions(
        contestant, workload, Allowance.PLENTY, 0, rate, 6, 6, redis.url(), redis.pid());
  }

  /** The same on another Redis. */
  RunOptions at(String other) {
    return new RunOptions(
        contestant, workload, allowance, callers, rate, warmUpSeconds, seconds, other, redisPid);
  }

  RunOptions with(Allowance other) {
    return new RunOptions(
        contestant, workload, other, callers, rate, warmUpSeconds, seconds, url, redisPid);
  }

  RunOptions lasting(int warmUp, int timed) {
    return new RunOptions(
        contestant, workload, allowance, callers, rate, warmUp, timed, url, redisPid);
  }

  List<String> arguments() {
    return List.of(
        contestant,
        workload.name(),
        allowance.name(),
        Integer.toString(callers),
        Integer.toString(rate),
        Integer.toString(warmUpSeconds),
        Integer.toString(seconds),
        url,
        Long.toString(redisPid));
  }

  static RunOptions parse(String[] arguments) {
    return new RunOptions(
        arguments[0],
        Workload.valueOf(arguments[1]),
        Allowance.valueOf(arguments[2]),
        Integer.parseInt(arguments[3]),
        Integer.parseInt(arguments[4]),
        Integer.parseInt(arguments[5]),
        Integer.parseInt(arguments[6]),
        arguments[7],
        Long.parseLong(arguments[8]));
  }
}
