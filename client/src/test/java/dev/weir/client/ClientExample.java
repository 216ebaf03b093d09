// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.core.Limit;
import dev.weir.core.RateLimiter;
import dev.weir.core.TokenBucket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What the document of the client shows. */
final class ClientExample {

  private ClientExample() {}

  static String one(URI address) {
    try (WeirClient weir = WeirClient.builder(address).fallback(Fallback.OPEN).build()) {
      Answer answer = weir.check(Check.of("api", "user", "42")).join();
      return answer.allowed() ? "welcome" : "come back in " + answer.retryAfter().orElseThrow();
    }
  }

  static List<String> several(URI address) {
    WeirClient weir =
        WeirClient.builder(address)
            .token("test")
            .fallback(Fallback.CLOSED)
            .deadline(Duration.ofSeconds(20))
            .window(Duration.ofMillis(1))
            .onTrouble((trouble, detail) -> System.err.println(trouble + ": " + detail))
            .build();

    // One step: both limits, or none.
    Check both = Check.of("api", "user", "42").with("path", "/reports").cost(5).and("user", "all");
    CompletableFuture<Answer> answer = weir.check(both);

    // Charged after the work, and never denied.
    CompletableFuture<Answer> after = weir.record(Check.of("api", "user", "43").cost(12));

    // The work was not done: what still counts comes back.
    CompletableFuture<Long> back = answer.thenCompose(taken -> weir.refund(taken.receipts()));

    List<String> told = new ArrayList<>();
    told.add(answer.join().reason());
    told.add("left " + after.join().remaining().orElseThrow());
    told.add("back " + back.join());
    weir.close();
    return told;
  }

  static boolean share(URI address) {
    // A tenth of what Weir allows all of ten processes, while it is away.
    RateLimiter share =
        RateLimiter.of(Limit.of("share", TokenBucket.of(10, Duration.ofMinutes(1))));
    WeirClient weir =
        WeirClient.builder(address)
            .fallback((check, trouble) -> share.check("everybody").allowed())
            .build();
    boolean allowed = weir.check(Check.of("api", "user", "42")).join().allowed();
    weir.close();
    return allowed;
  }
}
