package io.batchinfer.simulation;

import java.util.Random;

/** How long an endpoint works on one request. */
@FunctionalInterface
interface ServiceTime {
  double seconds(int answerTokens, Random random);

  static ServiceTime fixed(double seconds) {
    return (tokens, random) -> seconds;
  }

  static ServiceTime uniform(double from, double to) {
    return (tokens, random) -> from + (to - from) * random.nextDouble();
  }

  /** {@link StrictMath} gives the same bits on every machine. */
  static ServiceTime logNormal(double median, double sigma) {
    return (tokens, random) -> median * StrictMath.exp(sigma * random.nextGaussian());
  }

  static ServiceTime perToken(double base, double secondsPerToken) {
    return (tokens, random) -> base + secondsPerToken * tokens;
  }
}
