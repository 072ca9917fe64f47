package io.batchinfer.report.page;

import java.util.ArrayList;
import java.util.List;

/**
 * An axis from zero with marks at round numbers.
 *
 * @param end the value at its end, never 0
 * @param marks values of the marks, the first of them 0
 */
record Axis(double end, List<Double> marks) {
  private static final double[] STEPS = {1, 2, 5, 10};

  /** Steps of time that people count in, in milliseconds. */
  private static final double[] TIMES = {
    10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3,
    1800e3, 3600e3, 7200e3, 10_800e3, 21_600e3, 43_200e3, 86_400e3
  };

  Axis {
    marks = List.copyOf(marks);
  }

  /** For values up to that, which ends with a mark. */
  static Axis upTo(double max, int wantedMarks) {
    if (!(max > 0)) {
      return new Axis(1, List.of(0.0));
    }
    double least = max / wantedMarks;
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    double step = power * STEPS[STEPS.length - 1];
    for (double candidate : STEPS) {
      if (candidate * power >= least * (1 - 1e-9)) {
        step = candidate * power;
        break;
      }
    }
    long last = (long) Math.ceil(max / step - 1e-9);
    return new Axis(last * step, marks(step, last));
  }

  /**
   * For a time in milliseconds, which ends where the time does.
   *
   * @param millis how long, at least 1
   */
  static Axis ofTime(double millis, int mostMarks) {
    double day = TIMES[TIMES.length - 1];
    double step = day * Math.ceil(millis / day / mostMarks);
    for (double candidate : TIMES) {
      if (millis / candidate <= mostMarks) {
        step = candidate;
        break;
      }
    }
    return new Axis(millis, marks(step, (long) Math.floor(millis / step + 1e-9)));
  }

  private static List<Double> marks(double step, long last) {
    List<Double> marks = new ArrayList<>();
    for (long mark = 0; mark <= last; mark++) {
      marks.add(mark * step);
    }
    return marks;
  }

  /** Where a value is, from 0 to 1. */
  double share(double value) {
    return value / end;
  }
}
