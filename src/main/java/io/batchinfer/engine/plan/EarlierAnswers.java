package io.batchinfer.engine.plan;

import io.batchinfer.model.Counts;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.Plan;
import java.util.List;
import java.util.OptionalDouble;

/**
 * An output of an earlier job whose answers a job may take over.
 *
 * @param root its qualified path
 * @param hash what the ids of its rows are made from
 * @param counts of its rows, as far as it came
 */
public record EarlierAnswers(String root, Plan plan, Hash128 hash, Counts counts) {

  /** Tokens of an answer that the endpoint gave, on average; empty where none reports any. */
  static OptionalDouble typicalAnswer(List<EarlierAnswers> outputs) {
    long tokens = outputs.stream().mapToLong(one -> one.counts.usage().completionTokens()).sum();
    long answers = outputs.stream().mapToLong(EarlierAnswers::answered).sum();
    return tokens > 0 && answers > 0
        ? OptionalDouble.of((double) tokens / answers)
        : OptionalDouble.empty();
  }

  private long answered() {
    return counts.succeeded() - counts.marks().deduplicated() - counts.marks().reused();
  }
}
