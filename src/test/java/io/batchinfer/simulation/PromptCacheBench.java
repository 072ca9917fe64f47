package io.batchinfer.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.simulation.CachedRun.Prompt;
import io.batchinfer.simulation.CachedRun.Result;
import io.batchinfer.simulator.PromptBlocks;
import io.batchinfer.simulator.PromptCache;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What two servers with a prefix cache of limited size compute of 100,000 shuffled rows, of which a
 * tenth is equal to others, by what is done about it. In virtual time; run by hand, by {@code
 * scripts/bench/order}.
 */
class PromptCacheBench {
  private static final int ROWS = 100_000;
  private static final int GROUPS = 500;
  private static final int EQUAL = ROWS / 10;
  private static final int SHARED_BLOCKS = 94;
  private static final int TOKENS = 1_560;
  private static final int SLOTS = 32;
  private static final int ROOM = 120_000;

  /** Bytes of a row in the input, about. */
  private static final int ROW_BYTES = 4 * TOKENS + 200;

  private static Prompt row(int number) {
    int group = 1 + number % GROUPS;
    long[] chain = new long[TOKENS / PromptBlocks.TOKENS];
    for (int i = 0; i < chain.length; i++) {
      chain[i] = i < SHARED_BLOCKS ? group * 1_000L + i : (1L << 32) + number * 1_000L + i;
    }
    return new Prompt(group, new PromptBlocks(chain, TOKENS));
  }

  private static List<Prompt> rows(int distinct, int equal) {
    List<Prompt> rows = new ArrayList<>();
    for (int i = 0; i < distinct + equal; i++) {
      rows.add(row(i % distinct));
    }
    Collections.shuffle(rows, new Random(1));
    return rows;
  }

  /** As they go out where splits have so many bytes and are ordered one after the other. */
  private static List<Prompt> ordered(List<Prompt> rows, int splitBytes) {
    List<Prompt> ordered = new ArrayList<>();
    int inSplit = splitBytes / ROW_BYTES;
    for (int from = 0; from < rows.size(); from += inSplit) {
      List<Prompt> split =
          new ArrayList<>(rows.subList(from, Math.min(rows.size(), from + inSplit)));
      split.sort(Comparator.comparingInt(Prompt::group));
      ordered.addAll(split);
    }
    return ordered;
  }

  private static CachedRun servers() {
    return new CachedRun().servers(2, SLOTS, () -> PromptCache.shared(ROOM));
  }

  private static Result show(String what, Result result) {
    System.out.println(
        String.format(
            Locale.ROOT,
            "%-60s %,15d %8.0f %6.3f",
            what,
            result.computed(),
            result.seconds(),
            result.busy()));
    return result;
  }

  @Test
  void whatEachSwitchSaves() {
    List<Prompt> all = rows(ROWS - EQUAL, EQUAL);
    List<Prompt> distinct = rows(ROWS - EQUAL, 0);
    System.out.printf("%-60s %15s %8s %6s%n", "", "tokens computed", "seconds", "busy");
    Result plain = show("as they stand", servers().asStrangers().send(all));
    show("deduplicated", servers().asStrangers().send(distinct));
    show(
        "ordered in splits of 8 MiB, nothing else",
        servers().asStrangers().send(ordered(all, 8 << 20)));
    show(
        "ordered in splits of 32 MiB, nothing else",
        servers().asStrangers().send(ordered(all, 32 << 20)));
    show(
        "the first before the rest and at one server, 8 MiB",
        servers().send(ordered(all, 8 << 20)));
    show("the same, 32 MiB", servers().send(ordered(all, 32 << 20)));
    Result whole = show("the whole, 8 MiB", servers().send(ordered(distinct, 8 << 20)));
    show("the whole, 32 MiB", servers().send(ordered(distinct, 32 << 20)));

    assertThat(whole.computed()).isLessThan(plain.computed() * 7 / 10);
    assertThat(whole.seconds()).isLessThan(plain.seconds());
  }
}
