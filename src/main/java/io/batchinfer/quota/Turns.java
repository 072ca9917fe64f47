package io.batchinfer.quota;

/**
 * Whose turn it is among several that take things one at a time, each according to its weight. One
 * that wanted nothing for a while is owed no more than a small credit, and none has to make up for
 * what it took while the others were away. Not thread-safe.
 *
 * @see <a href="https://doi.org/10.1145/248156.248171">Goyal, Vin, Cheng: Start-time fair
 *     queuing</a>
 */
final class Turns {
  /** Where the one stood that was served last. */
  private double now;

  /** One of those that take turns. */
  static final class Part {
    private final double weight;
    private double served;

    private Part(double weight, double served) {
      this.weight = weight;
      this.served = served;
    }
  }

  Part join(double weight) {
    return new Part(weight, now);
  }

  /**
   * The one with the smallest position comes next.
   *
   * @param credit units of weight 1 that a part may lag behind the others
   */
  double position(Part part, double credit) {
    return Math.max(part.served, now - credit);
  }

  void take(Part part, double credit) {
    double position = position(part, credit);
    part.served = position + 1 / part.weight;
    now = Math.max(now, position);
  }
}
