package io.batchinfer.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What servers have of a prompt, by the rules of vLLM and llama.cpp. */
class PromptCacheTest {
  private static final int BLOCK = PromptBlocks.TOKENS;

  /** A prompt of ten blocks that others of its group begin with, five of its own and a rest. */
  private static PromptBlocks prompt(int group, int row) {
    long[] chain =
        LongStream.range(0, 15)
            .map(i -> i < 10 ? group * 1_000L + i : group * 1_000L + (row + 1) * 20L + i)
            .toArray();
    return new PromptBlocks(chain, 15 * BLOCK + 3);
  }

  private static int whole(PromptCache cache, PromptBlocks prompt) {
    PromptCache.Work work = cache.begin(prompt);
    work.computed();
    work.ended();
    return work.cachedTokens();
  }

  @Test
  void aServerWithoutACacheComputesAll() {
    whole(PromptCache.NONE, prompt(1, 1));

    assertThat(whole(PromptCache.NONE, prompt(1, 1))).isZero();
  }

  @Test
  void aSharedCacheHasWhatWasComputedBefore() {
    PromptCache cache = PromptCache.shared(1_000 * BLOCK);

    assertThat(whole(cache, prompt(1, 1))).isZero();
    assertThat(whole(cache, prompt(1, 2))).isEqualTo(10 * BLOCK);
    assertThat(whole(cache, prompt(1, 2))).as("all whole blocks").isEqualTo(15 * BLOCK);
    assertThat(whole(cache, prompt(2, 1))).isZero();
  }

  @Test
  void theLastTokenIsAlwaysComputed() {
    PromptCache cache = PromptCache.shared(1_000 * BLOCK);
    PromptBlocks even = new PromptBlocks(new long[] {1, 2}, 2 * BLOCK);
    whole(cache, even);

    assertThat(whole(cache, even)).isEqualTo(2 * BLOCK - 1);
  }

  @Test
  void thoseThatBeginTogetherComputeTheSame() {
    PromptCache cache = PromptCache.shared(1_000 * BLOCK);
    PromptCache.Work first = cache.begin(prompt(1, 1));
    PromptCache.Work second = cache.begin(prompt(1, 2));
    assertThat(second.cachedTokens()).isZero();
    first.computed();

    assertThat(cache.begin(prompt(1, 3)).cachedTokens())
        .as("while the first still answers")
        .isEqualTo(10 * BLOCK);
    second.computed();
    second.ended();
    first.ended();
    assertThat(whole(cache, prompt(1, 2))).isEqualTo(15 * BLOCK);
  }

  @Test
  void whatWasUsedLongestAgoGoesFirstAndEndsBeforeBeginnings() {
    PromptCache cache = PromptCache.shared(38 * BLOCK);
    whole(cache, prompt(1, 1));
    whole(cache, prompt(2, 1));
    whole(cache, prompt(1, 2));
    // 15 of the first, 15 of the second and 5 more are there; 3 are free.
    assertThat(whole(cache, prompt(3, 1))).isZero();

    assertThat(whole(cache, prompt(1, 3))).isEqualTo(10 * BLOCK);
    assertThat(whole(cache, prompt(2, 2)))
        .as("what is left of it is its beginning")
        .isEqualTo(2 * BLOCK);
  }

  @Test
  void whatIsInUseStays() {
    PromptCache cache = PromptCache.shared(20 * BLOCK);
    PromptCache.Work work = cache.begin(prompt(1, 1));
    work.computed();
    whole(cache, prompt(2, 1));
    whole(cache, prompt(3, 1));

    assertThat(cache.begin(prompt(1, 2)).cachedTokens()).isEqualTo(10 * BLOCK);
  }

  @Test
  void aRequestThatGoesAwayBeforeItIsComputedLeavesNothing() {
    PromptCache cache = PromptCache.shared(20 * BLOCK);
    for (int i = 0; i < 50; i++) {
      cache.begin(prompt(1, i)).ended();
    }

    assertThat(whole(cache, prompt(1, 1))).isZero();
    assertThat(whole(cache, prompt(1, 1))).as("there is room for it").isEqualTo(15 * BLOCK);
  }

  @Test
  void aSlotHasItsLastPrompt() {
    PromptCache cache = PromptCache.ofSlots(2, 0);
    PromptCache.Work one = cache.begin(prompt(1, 1));
    PromptCache.Work two = cache.begin(prompt(2, 1));
    one.ended();
    two.ended();

    PromptCache.Work second = cache.begin(prompt(2, 2));
    assertThat(second.cachedTokens()).as("of the slot that had it").isEqualTo(10 * BLOCK);
    assertThat(cache.begin(prompt(2, 3)).cachedTokens())
        .as("that slot is busy, the other had something else")
        .isZero();
    assertThat(cache.begin(prompt(2, 2)).cachedTokens()).as("no slot is idle").isZero();
  }

  @Test
  void whatNoSlotIsLikeGoesWhereNobodyWasForLongest() {
    PromptCache cache = PromptCache.ofSlots(2, 0);
    whole(cache, prompt(1, 1));
    whole(cache, prompt(2, 1));
    whole(cache, prompt(1, 2));
    whole(cache, prompt(3, 1));

    assertThat(whole(cache, prompt(1, 3))).isEqualTo(10 * BLOCK);
    assertThat(whole(cache, prompt(2, 2))).as("its slot was taken").isZero();
  }

  @Test
  void slotsThatShareTheirRoomLoseWhatTheyHad() {
    PromptCache cache = PromptCache.ofSlots(3, 2 * 16 * BLOCK);
    PromptCache.Work one = cache.begin(prompt(1, 1));
    PromptCache.Work two = cache.begin(prompt(2, 1));
    one.ended();
    two.ended();
    whole(cache, prompt(3, 1));

    assertThat(whole(cache, prompt(2, 2))).isEqualTo(10 * BLOCK);
    assertThat(whole(cache, prompt(1, 2))).as("lost to the third").isZero();
  }
}
