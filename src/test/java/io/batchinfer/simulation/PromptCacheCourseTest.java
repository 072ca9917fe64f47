package io.batchinfer.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.simulation.CachedRun.Prompt;
import io.batchinfer.simulation.CachedRun.Result;
import io.batchinfer.simulator.PromptBlocks;
import io.batchinfer.simulator.PromptCache;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What servers with prompt caches have to compute, by the order in which rows go out. The rows of
 * the first tests are those that were measured on a real llama.cpp: 600 in 30 groups, 1,484 prompt
 * tokens each, of which 55,000 are left where each beginning is computed once.
 */
class PromptCacheCourseTest {
  private static final int BLOCK = PromptBlocks.TOKENS;
  private static final long SEED = 7;
  private static final int FIRST_ROWS = 30 * 1_484;
  private static final long FLOOR = FIRST_ROWS + 570 * 28;

  private static final List<Prompt> MEASURED = rows(30, 20, 1_456, 1_484);

  private static List<Prompt> rows(int groups, int each, int shared, int tokens) {
    List<Prompt> rows = new ArrayList<>();
    for (int group = 1; group <= groups; group++) {
      for (int row = 0; row < each; row++) {
        long[] chain = new long[tokens / BLOCK];
        for (int i = 0; i < chain.length; i++) {
          long own = i < shared / BLOCK ? 0 : (row + 1) * 1_000L;
          chain[i] = group * 10_000_000L + own + i;
        }
        rows.add(new Prompt(group, new PromptBlocks(chain, tokens)));
      }
    }
    return rows;
  }

  private static List<Prompt> shuffled(List<Prompt> rows) {
    List<Prompt> shuffled = new ArrayList<>(rows);
    Collections.shuffle(shuffled, new Random(SEED));
    return shuffled;
  }

  private static CachedRun llama(int servers, int slots) {
    return new CachedRun().servers(servers, slots, () -> PromptCache.ofSlots(slots, 0));
  }

  @Test
  void theModelOfALlamaServerIsNearTheRealOne() {
    long oneGrouped = llama(1, 1).asStrangers().send(MEASURED).computed();
    long oneShuffled = llama(1, 1).asStrangers().send(shuffled(MEASURED)).computed();
    long fourShuffled = llama(1, 4).asStrangers().send(shuffled(MEASURED)).computed();
    long eightShuffled = llama(2, 4).asStrangers().send(shuffled(MEASURED)).computed();

    assertThat(oneGrouped).as("55,000 measured, in whole blocks").isEqualTo(FLOOR);
    assertThat(oneShuffled).as("860,000 measured").isBetween(843_000L, 877_000L);
    assertThat(fourShuffled).as("868,000 measured").isBetween(851_000L, 885_000L);
    assertThat(eightShuffled).as("871,000 measured").isBetween(854_000L, 888_000L);
  }

  @Test
  void aGroupKeepsToOneSlotWhereEachHasACacheOfItsOwn() {
    Result strangers = llama(1, 4).asStrangers().send(MEASURED);
    Result known = llama(1, 4).send(MEASURED);

    assertThat(strangers.computed()).as("470,000 measured").isBetween(180_000L, 200_000L);
    assertThat(known.computed()).isLessThan(85_000);
    assertThat(known.busy()).as("no slot idles for it").isGreaterThan(0.99);
    assertThat(known.seconds()).isLessThan(strangers.seconds());
  }

  @Test
  void aGroupKeepsToItsServer() {
    Result strangers = llama(2, 4).asStrangers().send(MEASURED);
    Result known = llama(2, 4).send(MEASURED);

    assertThat(strangers.computed()).as("618,000 measured").isGreaterThan(350_000);
    assertThat(known.computed()).isLessThan(125_000);
    assertThat(known.seconds()).isLessThan(strangers.seconds());
  }

  /** More requests than slots, so that any slot gets what has waited for longest. */
  @Test
  void aServerThatIsSentMoreThanItHasSlotsIsNotLedAstray() {
    Result known = llama(1, 4).concurrency(6).send(MEASURED);

    assertThat(known.computed()).isLessThan(300_000);
    assertThat(known.busy()).isGreaterThan(0.99);
  }

  private static CachedRun vllm(int room) {
    return new CachedRun().servers(2, 8, () -> PromptCache.shared(room));
  }

  @Test
  void theFirstOfAGroupGoesBeforeTheRestWhereOneCacheServesAll() {
    List<Prompt> rows = rows(60, 20, 1_504, 1_560);
    Result shuffled = vllm(40_000).asStrangers().send(shuffled(rows));
    Result strangers = vllm(40_000).asStrangers().send(rows);
    Result known = vllm(40_000).send(rows);

    long once = 60 * 1_560 + 1_140 * 56;
    assertThat(shuffled.computed()).isGreaterThan(8 * once);
    assertThat(strangers.computed()).as("all start together and miss").isGreaterThan(4 * once);
    assertThat(known.computed()).as("hardly more than once").isLessThan(once * 3 / 2);
    assertThat(known.busy()).isGreaterThan(0.93);
    assertThat(known.seconds()).isLessThan(strangers.seconds());
  }

  @Test
  void aServerThatSaysNothingOfItsCacheIsServedAlike() {
    List<Prompt> rows = rows(60, 20, 1_504, 1_560);
    Result known =
        new CachedRun().silent().servers(2, 8, () -> PromptCache.shared(40_000)).send(rows);

    assertThat(known.computed()).isLessThan((60 * 1_560 + 1_140 * 56) * 3 / 2);
  }
}
