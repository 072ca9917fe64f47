package io.batchinfer.pack;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.Cost;
import io.batchinfer.model.Usage;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Shares by size. */
class SharesTest {
  @Test
  void sharesFollowSizes() {
    Shares shares = new Shares(new long[] {1, 2, 1});

    assertThat(shares.of(new Usage(8, 0), 0)).isEqualTo(new Usage(2, 0));
    assertThat(shares.of(new Usage(8, 0), 1)).isEqualTo(new Usage(4, 0));
    assertThat(shares.of(new Usage(9, 0), 2)).isEqualTo(new Usage(3, 0));
  }

  @Test
  void sharesAddUpAndNoneIsOffByOne() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      long[] sizes = random.longs(1 + random.nextInt(300), 1, 1L << 20).toArray();
      Shares shares = new Shares(sizes);
      long total = random.nextLong(1L << (1 + random.nextInt(61)));
      BigDecimal part = BigDecimal.valueOf(total, random.nextInt(12));
      Usage usage = new Usage(total, total / 2, total / 3, 7, new Cost(total / 5, 1));
      Usage sum = Usage.NONE;
      BigDecimal parts = BigDecimal.ZERO;
      BigInteger all = BigInteger.ZERO;
      for (long size : sizes) {
        all = all.add(BigInteger.valueOf(size));
      }
      for (int i = 0; i < sizes.length; i++) {
        Usage share = shares.of(usage, i);
        sum = sum.plus(share);
        parts = parts.add(shares.of(part, i));
        BigInteger due = BigInteger.valueOf(total).multiply(BigInteger.valueOf(sizes[i]));
        BigInteger off = BigInteger.valueOf(share.promptTokens()).multiply(all).subtract(due);
        assertThat(off.abs()).isLessThan(all);
      }
      assertThat(sum).isEqualTo(usage.at(new Cost(total / 5, sizes.length)));
      assertThat(parts).isEqualByComparingTo(part);
    }
  }
}
