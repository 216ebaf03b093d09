// SPDX-License-Identifier: Apache-2.0
package dev.weir.benchmarks;

import dev.weir.core.Condition;
import dev.weir.core.Descriptor;
import dev.weir.core.Limit;
import dev.weir.core.LimitOverride;
import dev.weir.core.MemoryStore;
import dev.weir.core.Policy;
import dev.weir.core.PolicySet;
import dev.weir.core.RateLimiter;
import dev.weir.core.TokenBucket;
import dev.weir.core.ValuePattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Does a check cost more the more policies there are? Each descriptor matches one policy out of
 * many of its kind (or one override out of many of a policy); 1 024 descriptors come in turn, so
 * that the store's part stays the same, and every take is admitted.
 *
 * <p>{@code java -cp 'benchmarks/target/lib/*:benchmarks/target/weir-benchmarks.jar'
 * org.openjdk.jmh.Main PolicyLookup}
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class PolicyLookupBenchmark {

  private static final int DESCRIPTORS = 1_024;
  private static final Limit LIMIT =
      Limit.of("limit", TokenBucket.of(1_000_000_000L, Duration.ofSeconds(1)));

  /** What the policies tell descriptors apart by. */
  public enum Kind {
    ANY,
    EXACT,
    PREFIX,
    NETWORK,
    PATH,
    OVERRIDE
  }

  @Param({"1", "100", "10000"})
  private int policies;

  @Param({"ANY", "EXACT", "PREFIX", "NETWORK", "PATH", "OVERRIDE"})
  private Kind kind = Kind.ANY;

  private RateLimiter limiter = RateLimiter.of(LIMIT);
  private final Descriptor[] descriptors = new Descriptor[DESCRIPTORS];
  private int position;

  @Setup
  public void fill() {
    limiter = RateLimiter.create(MemoryStore.create(), PolicySet.of(policies(kind, policies)));
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < DESCRIPTORS; i++) {
      int policy = random.nextInt(policies);
      descriptors[i] = Descriptor.of("api", key(kind), value(kind, policy), "user", "user-" + i);
    }
  }

  private static List<Policy> policies(Kind kind, int count) {
    List<Policy> policies = new ArrayList<>();
    Policy.Builder one = Policy.named("overridden").domain("api").key("user").limit(LIMIT);
    for (int i = 0; i < count; i++) {
      if (kind == Kind.OVERRIDE) {
        ValuePattern tenant = ValuePattern.exact("tenant-" + i);
        one.override(LimitOverride.multiply(List.of(new Condition("t", tenant)), 2));
      } else {
        policies.add(
            Policy.named("policy-" + i)
                .domain("api")
                .match(key(kind), pattern(kind, i))
                .key("user")
                .limit(LIMIT)
                .build());
      }
    }
    return kind == Kind.OVERRIDE ? List.of(one.build()) : policies;
  }

  private static String key(Kind kind) {
    return switch (kind) {
      case ANY, EXACT, PREFIX, OVERRIDE -> "t";
      case NETWORK -> "ip";
      case PATH -> "path";
    };
  }

  private static ValuePattern pattern(Kind kind, int policy) {
    return switch (kind) {
      // Only one policy can match anything if one is to match.
      case ANY -> policy == 0 ? ValuePattern.any() : ValuePattern.exact("other-" + policy);
      case EXACT, OVERRIDE -> ValuePattern.exact(value(kind, policy));
      case PREFIX -> ValuePattern.prefix("tenant-" + policy + "-");
      case NETWORK -> ValuePattern.cidr(network(policy) + ".0.0/16");
      case PATH -> ValuePattern.path("/v1/service-" + policy + "/{id}");
    };
  }

  private static String value(Kind kind, int policy) {
    return switch (kind) {
      case ANY, EXACT, OVERRIDE -> "tenant-" + policy;
      case PREFIX -> "tenant-" + policy + "-x";
      case NETWORK -> network(policy) + ".1.2";
      case PATH -> "/v1/service-" + policy + "/42";
    };
  }

  private static String network(int policy) {
    return (1 + policy / 256) + "." + policy % 256;
  }

  @Benchmark
  public boolean check() {
    position = (position + 1) & (DESCRIPTORS - 1);
    return limiter.check(descriptors[position]).allowed();
  }
}
