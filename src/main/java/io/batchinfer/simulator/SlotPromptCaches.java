package io.batchinfer.simulator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cache for each slot, which holds the prompt that it had last, as llama.cpp's server. A request
 * goes to the idle slot that has the most of its prompt, if that is more than a tenth of it (the
 * server's default), else to the one that was used longest ago; what is behind the common beginning
 * is computed. Where the slots share their room and a prompt does not fit, idle slots lose theirs,
 * the first slot first. Common beginnings are counted in whole blocks.
 */
final class SlotPromptCaches implements PromptCache {
  private static final double LEAST_SIMILARITY = 0.1;

  private final int room;

  @GuardedBy("this")
  private final List<Slot> slots = new ArrayList<>();

  @GuardedBy("this")
  private long uses;

  /**
   * @param tokens of all slots together; 0 where each has room for its prompt
   */
  SlotPromptCaches(int slots, int tokens) {
    this.room = tokens == 0 ? Integer.MAX_VALUE : tokens;
    for (int i = 0; i < slots; i++) {
      this.slots.add(new Slot());
    }
  }

  private static final class Slot {
    private long[] chain = {};
    private int tokens;
    private long lastUse;
    private boolean busy;

    int inCommon(PromptBlocks prompt) {
      int differ = Arrays.mismatch(chain, prompt.chain());
      return differ < 0 ? chain.length : differ;
    }

    void clear() {
      chain = new long[0];
      tokens = 0;
    }
  }

  @Override
  public synchronized Work begin(PromptBlocks prompt) {
    Slot slot = choose(prompt);
    if (slot == null) {
      return new Running(null, 0);
    }
    int cached = prompt.saved(slot.inCommon(prompt));
    slot.busy = true;
    slot.chain = prompt.chain();
    slot.tokens = prompt.tokens();
    makeRoom();
    return new Running(slot, cached);
  }

  /** None where more requests are worked on than there are slots. */
  @GuardedBy("this")
  private @Nullable Slot choose(PromptBlocks prompt) {
    Slot best = null;
    double most = LEAST_SIMILARITY;
    for (Slot slot : slots) {
      double similarity =
          (double) slot.inCommon(prompt) * PromptBlocks.TOKENS / Math.max(1, prompt.tokens());
      if (!slot.busy && similarity > most) {
        best = slot;
        most = similarity;
      }
    }
    return best != null
        ? best
        : slots.stream()
            .filter(slot -> !slot.busy)
            .min(Comparator.comparingLong(slot -> slot.lastUse))
            .orElse(null);
  }

  @GuardedBy("this")
  private void makeRoom() {
    long held = slots.stream().mapToLong(slot -> slot.tokens).sum();
    for (Slot slot : slots) {
      if (held > room && !slot.busy) {
        held -= slot.tokens;
        slot.clear();
      }
    }
  }

  private synchronized void leave(Slot slot) {
    slot.busy = false;
    slot.lastUse = ++uses;
  }

  private final class Running implements Work {
    private final @Nullable Slot slot;
    private final int cached;

    Running(@Nullable Slot slot, int cached) {
      this.slot = slot;
      this.cached = cached;
    }

    @Override
    public int cachedTokens() {
      return cached;
    }

    @Override
    public void computed() {}

    @Override
    public void ended() {
      if (slot != null) {
        leave(slot);
      }
    }
  }
}
