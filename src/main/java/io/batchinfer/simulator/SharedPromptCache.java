package io.batchinfer.simulator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One cache for all requests, in whole blocks that are known by all that comes before them, as
 * vLLM's automatic prefix caching and SGLang's radix tree. A block can be used once it is computed,
 * so requests that begin together compute the same. What is in use stays; of the rest, what was
 * used longest ago goes first, and of a prompt its end before its beginning. Where more is in use
 * than there is room for, nothing waits, as a real server would let it.
 */
final class SharedPromptCache implements PromptCache {
  private final int room;

  /** Blocks in use, and by how many. */
  @GuardedBy("this")
  private final Map<Long, Integer> used = new HashMap<>();

  /** Computed blocks that nobody uses, the next to go first. */
  @GuardedBy("this")
  private final Map<Long, Boolean> idle = new LinkedHashMap<>();

  /** Blocks in use that no other request can use. */
  @GuardedBy("this")
  private int own;

  /**
   * @param tokens room; 0 for a server that keeps nothing
   */
  SharedPromptCache(int tokens) {
    this.room = tokens / PromptBlocks.TOKENS;
  }

  @Override
  public Work begin(PromptBlocks prompt) {
    return room == 0 ? new Uncached() : new Running(prompt);
  }

  private synchronized int enter(PromptBlocks prompt) {
    long[] chain = prompt.chain();
    int known = 0;
    while (known < chain.length
        && (used.containsKey(chain[known]) || idle.containsKey(chain[known]))) {
      use(chain[known]);
      known++;
    }
    own += prompt.blocksInAll() - known;
    makeRoom();
    return known;
  }

  private synchronized void compute(PromptBlocks prompt, int known) {
    own -= prompt.chain().length - known;
    for (int i = known; i < prompt.chain().length; i++) {
      use(prompt.chain()[i]);
    }
  }

  private synchronized void leave(PromptBlocks prompt, int known, boolean computed) {
    long[] chain = prompt.chain();
    int shared = computed ? chain.length : known;
    own -= prompt.blocksInAll() - shared;
    for (int i = shared - 1; i >= 0; i--) {
      if (used.merge(chain[i], -1, Integer::sum) == 0) {
        used.remove(chain[i]);
        idle.put(chain[i], true);
      }
    }
    makeRoom();
  }

  @GuardedBy("this")
  private void use(long block) {
    idle.remove(block);
    used.merge(block, 1, Integer::sum);
  }

  @GuardedBy("this")
  private void makeRoom() {
    Iterator<Long> next = idle.keySet().iterator();
    while (used.size() + own + idle.size() > room && next.hasNext()) {
      next.next();
      next.remove();
    }
  }

  private final class Running implements Work {
    private final PromptBlocks prompt;
    private final int known;
    private boolean computed;

    Running(PromptBlocks prompt) {
      this.prompt = prompt;
      this.known = enter(prompt);
    }

    @Override
    public int cachedTokens() {
      return prompt.saved(known);
    }

    @Override
    public void computed() {
      computed = true;
      compute(prompt, known);
    }

    @Override
    public void ended() {
      leave(prompt, known, computed);
    }
  }

  private static final class Uncached implements Work {
    @Override
    public int cachedTokens() {
      return 0;
    }

    @Override
    public void computed() {}

    @Override
    public void ended() {}
  }
}
