package io.batchinfer.simulation;

import java.util.Random;
import java.util.SplittableRandom;

/**
 * The rows of a job.
 *
 * @param rows how many there are
 * @param answers tokens of a row's answer
 * @param estimate expected tokens of a row from its actual ones
 */
record Workload(int rows, Answers answers, Estimate estimate) {
  private static final int PROMPT_TOKENS = 20;

  @FunctionalInterface
  interface Answers {
    int tokens(int row, Random random);
  }

  @FunctionalInterface
  interface Estimate {
    long of(int tokens);
  }

  static Workload rows(int rows) {
    return new Workload(rows, (row, random) -> 100, tokens -> tokens);
  }

  /** From 10 to 4,000 tokens, most of them short. */
  static Workload uneven(int rows, double median, double sigma) {
    return new Workload(
        rows,
        (row, random) ->
            (int)
                Math.max(
                    10, Math.min(4_000, median * StrictMath.exp(sigma * random.nextGaussian()))),
        tokens -> tokens);
  }

  Workload estimated(Estimate rule) {
    return new Workload(rows, answers, rule);
  }

  Workload answers(Answers rule) {
    return new Workload(rows, rule, estimate);
  }

  Row row(int number) {
    Random random = new Random(new SplittableRandom(number).nextLong());
    int answer = answers.tokens(number, random);
    return new Row(number, PROMPT_TOKENS, answer, estimate.of(PROMPT_TOKENS + answer));
  }
}
