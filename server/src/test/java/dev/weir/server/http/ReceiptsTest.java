// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.core.CounterKey;
import dev.weir.core.LimitId;
import dev.weir.core.Receipt;
import dev.weir.server.wire.BadRequest;
import dev.weir.server.wire.ByteWriter;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReceiptsTest {

  private static String text(Receipt receipt) {
    ByteWriter out = new ByteWriter();
    Receipts.write(out, new Receipts.Packer(), Receipts.head(receipt.key().limit()), receipt);
    String quoted = out.toString();
    return quoted.substring(1, quoted.length() - 1);
  }

  @Test
  void receipt_writtenAndRead_isTheSame() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      byte[] key = new byte[random.nextInt(300)];
      random.nextBytes(key);
      Receipt receipt =
          new Receipt(
              CounterKey.of(LimitId.of("d/p\u00fc" + random.nextInt(50), "l" + i), key),
              random.nextLong() >> random.nextInt(64),
              random.nextInt(Integer.MAX_VALUE),
              random.nextBoolean() ? Optional.of("hold-" + i) : Optional.empty());
      assertThat(Receipts.read(text(receipt), 0)).as("seed %d", seed).isEqualTo(receipt);
    }
  }

  @Test
  void textThatNeverWasAReceipt_isRefused() {
    String good =
        text(
            new Receipt(
                CounterKey.of(LimitId.of("p", "l"), new byte[] {1, 2}), 5, 6, Optional.empty()));
    for (int cut = 0; cut < good.length(); cut++) {
      String half = good.substring(0, cut);
      assertThatThrownBy(() -> Receipts.read(half, 3))
          .isInstanceOf(BadRequest.class)
          .hasMessageContaining("receipts[3]");
    }
    assertThatThrownBy(() -> Receipts.read("!!", 0)).isInstanceOf(BadRequest.class);
  }
}
